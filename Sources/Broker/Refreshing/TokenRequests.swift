internal import OAuth2
internal import Synchronization
internal import TokenEndpoint
internal import TokenLifecycle

/// Runs the token requests that slots decide on: within the server's budget, and persisted before published.
package final class TokenRequests: Sendable {
    private enum Work: Sendable {
        /// With the trial of the client's secrets that it goes on with.
        case request(TokenSlot, Generation, ServerBudgets.Place, SecretTrial?)
        case probe(TokenSlot, Generation, ServerBudgets.Place)
    }

    private let exchanges: TokenExchanges
    private let refreshes: RefreshRequests
    private let keeper: TokenKeeper
    private let budgets: ServerBudgets
    private let time: TimeSource
    private let work: AsyncStream<Work>
    private let continuation: AsyncStream<Work>.Continuation
    private let onRecovery = Mutex<@Sendable (_ origin: String) -> Void>({ _ in })

    init(
        exchanges: TokenExchanges,
        refreshes: RefreshRequests,
        keeper: TokenKeeper,
        budgets: ServerBudgets,
        time: TimeSource
    ) {
        self.exchanges = exchanges
        self.refreshes = refreshes
        self.keeper = keeper
        self.budgets = budgets
        self.time = time
        (work, continuation) = AsyncStream.makeStream()
    }

    /// Calls `wake` with an origin when a request there succeeds after one failed.
    package func onRecovery(_ wake: @escaping @Sendable (_ origin: String) -> Void) {
        onRecovery.withLock { $0 = wake }
    }

    // MARK: Waiting for the turn

    /// Asks for a token for `slot` as soon as nobody else works with its grant and the server's budget allows.
    func enqueue(_ slot: TokenSlot, generation: Generation, deathAt: Duration?) {
        guard let grant = slot.grant else { return place(slot, generation, deathAt) }
        grant.wantTurn(of: slot, generation) { [self] in place(slot, generation, deathAt) }
    }

    /// Asks another server than was thought, or with the next secret, in the turn at the grant that the request has
    /// already.
    func enqueueAgain(_ slot: TokenSlot, generation: Generation, deathAt: Duration?, in trial: SecretTrial?) {
        place(slot, generation, deathAt, in: trial)
    }

    /// Finds out, as soon as the server's budget allows, what an unexplained refusal means.
    func enqueueProbe(_ slot: TokenSlot, generation: Generation, deathAt: Duration?) {
        place(slot, generation, deathAt, isProbe: true)
    }

    private func place(
        _ slot: TokenSlot,
        _ generation: Generation,
        _ deathAt: Duration?,
        in trial: SecretTrial? = nil,
        isProbe: Bool = false
    ) {
        let place = budgets.enqueue(
            slot.id,
            origin: exchanges.origin(of: slot.configuration),
            deathAt: deathAt,
            start: { [continuation] place in
                continuation.yield(isProbe ? .probe(slot, generation, place) : .request(slot, generation, place, trial))
            },
            refuse: { [self] wait in
                slot.requestRefused(
                    TokenEndpointFailure(.transient, .serverPaused, retryAfter: wait),
                    generation: generation
                )
                giveTurnUp(of: slot, generation)
            }
        )
        slot.hold(place, for: generation)
    }

    /// Whether the request at `place` was not sent yet.
    func isWaiting(_ place: ServerBudgets.Place) -> Bool { budgets.isWaiting(place) }

    /// Gives up the place of a request that nobody wants any more, and its turn at the grant.
    func withdraw(_ place: ServerBudgets.Place, of slot: TokenSlot, _ generation: Generation) {
        if budgets.withdraw(place) { giveTurnUp(of: slot, generation) }
    }

    /// Ends the turn at the grant of what is not sent; a refusal that waited for its probe is settled first.
    private func giveTurnUp(of slot: TokenSlot, _ generation: Generation) {
        guard let grant = slot.grant, grant.isTurn(of: slot, generation) else { return }
        guard let presented = grant.presented else { return grant.endTurn(of: slot, generation) }
        Task { [refreshes] in
            await refreshes.probeGivenUp(presented, of: grant)
            grant.endTurn(of: slot, generation)
        }
    }

    /// The server whose budget the client's requests count against: the token endpoint's, once that is known.
    func origin(of client: ClientConfiguration) -> String { exchanges.origin(of: client) }

    // MARK: Performing

    /// Performs the work until the task is cancelled, which also cancels the requests in flight; those that present a
    /// refresh token are waited for.
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
        case .request(let slot, let generation, let place, let trial):
            guard let grant = slot.grant else { return await request(slot, generation, place, trial) }
            // Of itself, so that no cancellation reaches it.
            await Task { [self] in
                await refreshes.perform(slot, generation, of: grant, at: place.origin, in: trial) {
                    finished(place, $0)
                }
            }.value
        case .probe(let slot, let generation, let place):
            await Task { [self] in await probe(slot, generation, place) }.value
        }
    }

    private func request(
        _ slot: TokenSlot,
        _ generation: Generation,
        _ place: ServerBudgets.Place,
        _ trial: SecretTrial?
    ) async {
        // Overtaken while it waited for its place.
        guard slot.isCurrent(generation) else { return finished(place, .notSent) }
        let sent = time.now()
        var trial = trial
        do throws(TokenEndpointFailure) {
            let url = try await exchanges.tokenEndpoint(of: slot.configuration)
            guard url.origin == place.origin else {
                finished(place, .notSent)
                return slot.requestGoesOn(generation, in: trial)
            }
            let credentials: ClientCredentials
            let grant: AuthorizationGrant
            do throws(TokenEndpointFailure) {
                credentials = try await exchanges.credentials(of: slot.configuration, at: url, in: trial)
                grant = try await exchanges.grant(of: slot.configuration, for: slot.id.target)
            } catch {
                finished(place, .notSent)
                return slot.requestFailed(error, generation: generation)
            }
            trial = credentials.trial
            let request = slot.configuration.tokenRequest(grant, as: credentials.authentication, for: slot.id.target)
            let response =
                try await exchanges.send(request, to: url, for: slot.configuration, with: credentials).result.get()
            exchanges.granted(slot.configuration, with: credentials)
            exchanges.count(nil, of: slot, since: sent)
            // The server's part is over; the store's must not keep others from their turn.
            finished(place, .token)
            await take(response, for: slot, generation, sent: sent)
        } catch {
            exchanges.count(error, of: slot, since: sent)
            finished(place, .failed(error))
            exchanges.log(error, of: slot)
            let grant = slot.configuration.grant
            if let next = trial?.next(after: error, presenting: grant) {
                slot.requestGoesOn(generation, in: next)
            } else {
                slot.requestFailed(trial?.told(error, presenting: grant) ?? error, generation: generation)
            }
        }
    }

    private func finished(_ place: ServerBudgets.Place, _ outcome: TokenRequestOutcome) {
        budgets.finished(place, retryAfter: outcome.failure?.retryAfter)
        if budgets.note(outcome, of: place.origin) { onRecovery.withLock { $0 }(place.origin) }
    }

    private func take(
        _ response: TokenResponse,
        for slot: TokenSlot,
        _ generation: Generation,
        sent: Moment
    ) async {
        let kept = exchanges.kept(response, for: slot, sent: sent)
        if slot.isCurrent(generation) {
            // Persist, then publish.
            await keeper.save(slot.stored(kept))
            exchanges.log(kept, of: slot)
        }
        slot.tokenReceived(kept, generation: generation)
    }

    // MARK: Probing

    /// Nobody's, and plain to see in the server's log.
    private static let fakeRefreshToken = "tokenbroker-probe-not-a-refresh-token"

    /// Sends the request once more with a refresh token that nobody has.
    private func probe(_ slot: TokenSlot, _ generation: Generation, _ place: ServerBudgets.Place) async {
        guard let refusal = slot.unexplainedRefusal(of: generation) else {
            budgets.finished(place, retryAfter: nil)
            return giveTurnUp(of: slot, generation)
        }
        let finding = await finding(about: refusal, slot)
        budgets.finished(place, retryAfter: nil)
        if let grant = slot.grant {
            await refreshes.probeEnded(finding, after: refusal, of: slot, generation, of: grant)
            grant.endTurn(of: slot, generation)
        } else {
            slot.probeEnded(finding, generation: generation)
        }
    }

    private func finding(about refusal: TokenEndpointFailure, _ slot: TokenSlot) async -> ProbeFinding {
        guard let url = try? await exchanges.tokenEndpoint(of: slot.configuration),
            let credentials = try? await exchanges.credentials(of: slot.configuration, at: url)
        else { return .noAnswer }
        let request = slot.configuration.tokenRequest(
            .refreshToken(Secret(Self.fakeRefreshToken)),
            as: credentials.authentication,
            for: slot.id.target
        )
        do throws(TokenEndpointFailure) {
            _ = try await exchanges.send(request, to: url, for: slot.configuration, with: credentials).result.get()
            return .otherAnswer
        } catch {
            return ProbeFinding(refusal: refusal, probe: error)
        }
    }
}
