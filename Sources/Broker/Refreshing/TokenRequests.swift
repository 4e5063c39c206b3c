package import Logging
internal import OAuth2
internal import Synchronization
package import TokenEndpoint
internal import TokenLifecycle

/// Runs the token requests that slots decide on: within the server's budget, and persisted before published.
package final class TokenRequests: Sendable {
    private enum Work: Sendable {
        case request(TokenSlot, Generation, ServerBudgets.Place)
        case probe(TokenSlot, Generation, ServerBudgets.Place)
    }

    private let endpoint: TokenEndpointClient
    private let keeper: TokenKeeper
    private let budgets: ServerBudgets
    private let metrics: BrokerMetrics
    private let time: TimeSource
    private let environment: [String: String]
    private let jitter: @Sendable () -> Double
    private let logger: Logger
    private let work: AsyncStream<Work>
    private let continuation: AsyncStream<Work>.Continuation

    /// Where the token endpoints are that issuers named: their budget is the one that counts.
    private let discovered = Mutex<[EndpointURL: String]>([:])
    private let onRecovery = Mutex<@Sendable (_ origin: String) -> Void>({ _ in })

    package init(
        endpoint: TokenEndpointClient,
        keeper: TokenKeeper,
        budgets: ServerBudgets,
        metrics: BrokerMetrics,
        time: TimeSource,
        environment: [String: String],
        jitter: @escaping @Sendable () -> Double,
        logger: Logger
    ) {
        self.endpoint = endpoint
        self.keeper = keeper
        self.budgets = budgets
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

    /// Asks for a token for `slot` as soon as the server's budget allows; returns its place there.
    func enqueue(_ slot: TokenSlot, generation: Generation, deathAt: Duration?) -> ServerBudgets.Place {
        enqueue(slot, generation, deathAt) { .request(slot, generation, $0) }
    }

    /// Finds out, as soon as the server's budget allows, what an unexplained refusal means; returns its place there.
    func enqueueProbe(_ slot: TokenSlot, generation: Generation, deathAt: Duration?) -> ServerBudgets.Place {
        enqueue(slot, generation, deathAt) { .probe(slot, generation, $0) }
    }

    private func enqueue(
        _ slot: TokenSlot,
        _ generation: Generation,
        _ deathAt: Duration?,
        work: @escaping @Sendable (ServerBudgets.Place) -> Work
    ) -> ServerBudgets.Place {
        budgets.enqueue(
            slot.id,
            origin: origin(of: slot.configuration.endpoint),
            deathAt: deathAt,
            start: { [continuation] place in continuation.yield(work(place)) },
            refuse: { wait in
                slot.requestRefused(
                    TokenEndpointFailure(.transient, .serverPaused, retryAfter: wait),
                    generation: generation
                )
            }
        )
    }

    /// Whether the request at `place` was not sent yet.
    func isWaiting(_ place: ServerBudgets.Place) -> Bool { budgets.isWaiting(place) }

    /// Gives up the place of a request that nobody wants any more.
    func withdraw(_ place: ServerBudgets.Place) { budgets.withdraw(place) }

    /// The server whose budget an endpoint's requests count against: the token endpoint's, once that is known.
    func origin(of endpoint: ServerEndpoint) -> String {
        guard case .issuer(let issuer) = endpoint else { return endpoint.url.origin }
        return discovered.withLock { $0[issuer] } ?? issuer.origin
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
            await request(slot, generation, place)
        case .probe(let slot, let generation, let place):
            let finding = await probe(slot, generation)
            budgets.finished(place, retryAfter: nil)
            slot.probeEnded(finding, generation: generation)
        }
    }

    private func request(_ slot: TokenSlot, _ generation: Generation, _ place: ServerBudgets.Place) async {
        // Overtaken while it waited for its place.
        guard slot.isCurrent(generation) else { return finished(place, .notSent) }
        let client = slot.configuration
        let request: TokenRequest
        do {
            request = try client.tokenRequest(for: slot.id.target, environment: environment)
        } catch {
            finished(place, .notSent)
            return slot.requestFailed(error.failure, generation: generation)
        }
        let sent = time.now()
        do throws(TokenEndpointFailure) {
            let url = try await tokenEndpoint(of: client)
            guard url.origin == place.origin else {
                finished(place, .notSent)
                return slot.requestBelongsElsewhere(generation)
            }
            let response = try await exchange(request, with: url, for: client)
            count(nil, of: slot, since: sent)
            // The server's part is over; the store's must not keep others from their turn.
            finished(place, .token)
            await take(response, for: slot, generation, sent: sent)
        } catch {
            count(error, of: slot, since: sent)
            finished(place, .failed(error))
            slot.requestFailed(error, generation: generation)
            log(error, of: slot)
        }
    }

    private func count(_ failure: TokenEndpointFailure?, of slot: TokenSlot, since start: Moment) {
        let duration = time.now().sinceBoot - start.sinceBoot
        metrics.tokenRequest(client: slot.id.client, failure: failure, duration: duration)
    }

    private func finished(_ place: ServerBudgets.Place, _ outcome: TokenRequestOutcome) {
        budgets.finished(place, retryAfter: outcome.failure?.retryAfter)
        if budgets.note(outcome, of: place.origin) { onRecovery.withLock { $0 }(place.origin) }
    }

    /// Where the client's token requests go, discovered if need be.
    private func tokenEndpoint(of client: ClientConfiguration) async throws(TokenEndpointFailure) -> EndpointURL {
        switch client.endpoint {
        case .tokenEndpoint(let url):
            return url
        case .issuer(let issuer):
            let url = try await endpoint.metadata(
                issuer: issuer,
                trust: client.trust,
                timeout: client.requestTimeout
            ).tokenEndpoint
            discovered.withLock { $0[issuer] = url.origin }
            return url
        }
    }

    private func exchange(
        _ request: TokenRequest,
        with url: EndpointURL,
        for client: ClientConfiguration
    ) async throws(TokenEndpointFailure) -> TokenResponse {
        let exchange = await endpoint.send(
            request.encoded(),
            to: url,
            grant: request.grant,
            provider: client.spokenProvider(at: url),
            trust: client.trust,
            timeout: client.requestTimeout
        )
        if let skew = exchange.clockSkew, budgets.note(clockSkew: skew, of: url.origin) {
            logger.warning(
                "The authorization server's clock and this machine's differ",
                metadata: ["server": "\(url.origin)", "seconds_ahead": "\(skew.components.seconds)"]
            )
        }
        return try exchange.result.get()
    }

    private func take(
        _ response: TokenResponse,
        for slot: TokenSlot,
        _ generation: Generation,
        sent: Moment
    ) async {
        let kept = keep(response, of: slot, sent: sent)
        if slot.isCurrent(generation) {
            // Persist, then publish.
            await keeper.save(slot.stored(kept))
            logger.info("Got a token", metadata: ["client": "\(slot.id.client)", "lifetime": "\(lifetime(kept))"])
        }
        slot.tokenReceived(kept, generation: generation)
    }

    /// Sends the request once more with a refresh token that nobody has.
    private func probe(_ slot: TokenSlot, _ generation: Generation) async -> ProbeFinding {
        guard let refusal = slot.unexplainedRefusal(of: generation) else { return .noAnswer }
        let client = slot.configuration
        guard var request = try? client.tokenRequest(for: slot.id.target, environment: environment),
            let url = try? await tokenEndpoint(of: client)
        else { return .noAnswer }
        request.grant = .refreshToken
        request.refreshToken = Secret(Self.fakeRefreshToken)
        do throws(TokenEndpointFailure) {
            _ = try await exchange(request, with: url, for: client)
            return .otherAnswer
        } catch {
            return ProbeFinding(refusal: refusal, probe: error)
        }
    }

    /// Nobody's, and plain to see in the server's log.
    private static let fakeRefreshToken = "tokenbroker-probe-not-a-refresh-token"

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

    private func log(_ failure: TokenEndpointFailure, of slot: TokenSlot) {
        logger.warning(
            "The token request failed",
            metadata: [
                "client": "\(slot.id.client)", "class": "\(failure.failureClass.rawValue)", "error": "\(failure.error)",
                "server_status": "\(failure.serverStatus.map(String.init) ?? "none")",
                "server_words": "\(failure.serverWords ?? "none")",
                "request_id": "\(failure.requestID ?? "none")",
            ]
        )
    }

    private func lifetime(_ kept: KeptToken) -> String {
        kept.token.lifetime.map { "\($0.components.seconds) s" } ?? "unlimited"
    }
}
