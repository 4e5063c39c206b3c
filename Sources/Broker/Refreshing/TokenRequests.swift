package import Logging
internal import OAuth2
internal import Synchronization
package import TokenEndpoint
internal import TokenLifecycle
package import TokenStore

/// Runs the token requests that slots decide on: within the server's budget, and persisted before published.
package final class TokenRequests: Sendable {
    private enum Work: Sendable {
        case request(TokenSlot, Generation, ServerBudgets.Place)
        case storeAgain(TokenSlot)
        case recordLastAsked(TokenSlotID, Receipt)
        case removeToken(TokenSlotID)
        case removeTokens(ClientName)
    }

    private let endpoint: TokenEndpointClient
    private let store: TokenStore
    private let budgets: ServerBudgets
    private let alarms: Alarms
    private let metrics: BrokerMetrics
    private let time: TimeSource
    private let environment: [String: String]
    private let jitter: @Sendable () -> Double
    private let logger: Logger
    private let work: AsyncStream<Work>
    private let continuation: AsyncStream<Work>.Continuation
    private let onRecovery = Mutex<@Sendable (_ origin: String) -> Void>({ _ in })

    package init(
        endpoint: TokenEndpointClient,
        store: TokenStore,
        budgets: ServerBudgets,
        alarms: Alarms,
        metrics: BrokerMetrics,
        time: TimeSource,
        environment: [String: String],
        jitter: @escaping @Sendable () -> Double,
        logger: Logger
    ) {
        self.endpoint = endpoint
        self.store = store
        self.budgets = budgets
        self.alarms = alarms
        self.metrics = metrics
        self.time = time
        self.environment = environment
        self.jitter = jitter
        self.logger = logger
        (work, continuation) = AsyncStream.makeStream()
    }

    /// Calls `wake` with an origin when a request there succeeds after one failed.
    package func onRecovery(_ wake: @escaping @Sendable (_ origin: String) -> Void) {
        onRecovery.withLock { $0 = wake }
    }

    /// Asks for a token for `slot` as soon as the server's budget allows.
    func enqueue(_ slot: TokenSlot, generation: Generation, deathAt: Duration?) {
        budgets.enqueue(slot.id, origin: slot.configuration.endpoint.url.origin, deathAt: deathAt) {
            [continuation] place in
            continuation.yield(.request(slot, generation, place))
        }
    }

    /// Saves the slot's token once more, for a store that failed.
    func storeAgain(_ slot: TokenSlot) { continuation.yield(.storeAgain(slot)) }

    /// Remembers demand over restarts.
    func recordLastAsked(_ id: TokenSlotID, at receipt: Receipt) {
        continuation.yield(.recordLastAsked(id, receipt))
    }

    /// Forgets the token of a slot that is no longer configured.
    func removeToken(_ id: TokenSlotID) {
        continuation.yield(.removeToken(id))
    }

    /// Forgets the tokens of a client that is configured no more.
    func removeTokens(of client: ClientName) {
        continuation.yield(.removeTokens(client))
    }

    /// Performs the work until the task is cancelled, which also cancels the requests in flight.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await item in work {
                group.addTask { await self.perform(item) }
            }
            group.cancelAll()
        }
    }

    private func perform(_ item: Work) async {
        switch item {
        case .request(let slot, let generation, let place):
            let outcome = await request(slot, generation)
            budgets.finished(place, retryAfter: outcome.failure?.retryAfter)
            if budgets.note(outcome, of: place.origin) { onRecovery.withLock { $0 }(place.origin) }
        case .storeAgain(let slot):
            if let kept = slot.memory().kept { await save(kept, of: slot) }
        case .recordLastAsked(let id, let receipt):
            await alarms.guarding(.storeWriteFailed) { () throws(TokenStoreError) in
                try await store.recordLastAsked(id, receipt)
            }
        case .removeToken(let id):
            await alarms.guarding(.storeWriteFailed) { () throws(TokenStoreError) in
                try await store.removeToken(id)
            }
        case .removeTokens(let client):
            await alarms.guarding(.storeWriteFailed) { () throws(TokenStoreError) in
                try await store.removeTokens(of: client)
            }
        }
    }

    private func request(_ slot: TokenSlot, _ generation: Generation) async -> TokenRequestOutcome {
        // Overtaken while it waited for its place.
        guard slot.isCurrent(generation) else { return .notSent }
        let client = slot.configuration
        let authentication: ClientAuthentication
        do {
            authentication = try client.readAuthentication(environment: environment)
        } catch {
            slot.requestFailed(error.failure, generation: generation)
            return .notSent
        }
        let sent = time.now()
        let result = await send(client, target: slot.id.target, authentication: authentication)
        let duration = time.now().sinceBoot - sent.sinceBoot
        switch result {
        case .failure(let failure):
            metrics.tokenRequest(client: slot.id.client, failure: failure, duration: duration)
            log(failure, of: slot)
            slot.requestFailed(failure, generation: generation)
            return .failed(failure)
        case .success(let response):
            metrics.tokenRequest(client: slot.id.client, failure: nil, duration: duration)
            let kept = keep(response, of: slot, sent: sent)
            guard slot.isCurrent(generation) else {
                slot.tokenReceived(kept, generation: generation)
                return .token
            }
            await save(kept, of: slot)
            slot.tokenReceived(kept, generation: generation)
            logger.info("Got a token", metadata: ["client": "\(slot.id.client)", "lifetime": "\(lifetime(kept))"])
            return .token
        }
    }

    private func send(
        _ client: ClientConfiguration,
        target: TokenTarget,
        authentication: ClientAuthentication
    ) async -> Result<TokenResponse, TokenEndpointFailure> {
        let tokenEndpoint: EndpointURL
        switch client.endpoint {
        case .tokenEndpoint(let url):
            tokenEndpoint = url
        case .issuer(let issuer):
            do throws(TokenEndpointFailure) {
                tokenEndpoint = try await endpoint.metadata(
                    issuer: issuer,
                    trust: client.trust,
                    timeout: client.requestTimeout
                ).tokenEndpoint
            } catch {
                return .failure(error)
            }
        }
        let request = TokenRequest(
            grant: client.grant,
            clientID: client.clientID,
            authentication: authentication,
            target: target,
            parameters: client.parameters
        )
        return await endpoint.send(
            request.encoded(),
            to: tokenEndpoint,
            grant: client.grant,
            trust: client.trust,
            timeout: client.requestTimeout
        )
    }

    private func keep(_ response: TokenResponse, of slot: TokenSlot, sent: Moment) -> KeptToken {
        let policy = slot.configuration.policy
        let lifetime = policy.lifetime(stated: response.expiresIn)
        let token = AccessToken(
            value: response.accessToken,
            tokenType: response.tokenType,
            scope: response.scope ?? slot.id.target.scope,
            lifetime: lifetime,
            receipt: Receipt(moment: sent, boot: time.boot)
        )
        let age = RefreshPlan.refreshAge(lifetime: lifetime, refreshAt: policy.refreshAt, jitter: jitter())
        return KeptToken(
            token: token,
            refreshAge: age,
            isLifetimeStated: policy.isLifetime(response.expiresIn)
        )
    }

    /// Persist, then publish; a failing store raises the alarm and callers are served all the same.
    private func save(_ kept: KeptToken, of slot: TokenSlot) async {
        let client = slot.configuration
        let stored = StoredToken(
            slot: slot.id,
            token: kept.token,
            refreshAge: kept.refreshAge,
            lastAsked: slot.lastAsked(),
            clientID: client.clientID,
            tokenEndpoint: client.endpoint.url.text
        )
        await alarms.guarding(.storeWriteFailed) { () throws(TokenStoreError) in
            try await store.save(stored)
        }
    }

    private func log(_ failure: TokenEndpointFailure, of slot: TokenSlot) {
        logger.warning(
            "The token request failed",
            metadata: [
                "client": "\(slot.id.client)", "class": "\(failure.failureClass.rawValue)", "error": "\(failure.error)",
                "server_status": "\(failure.serverStatus.map(String.init) ?? "none")",
                "server_words": "\(failure.serverWords ?? "none")",
            ]
        )
    }

    private func lifetime(_ kept: KeptToken) -> String {
        kept.token.lifetime.map { "\($0.components.seconds) s" } ?? "unlimited"
    }
}
