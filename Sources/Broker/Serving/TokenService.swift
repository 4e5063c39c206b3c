internal import LinuxHost
internal import LocalAPI
internal import LocalServer
internal import OAuth2
internal import TokenLifecycle

/// Answers fetches: policy, cache, and on a miss the wait.
struct TokenService: Sendable {
    /// How long a caller waits when it does not say.
    static let defaultTimeout: Duration = .seconds(10)

    let directory: ClientDirectory
    let waiting: WaitingRegister
    let surroundings: Surroundings

    /// - Parameter deadline: when the caller's patience ends, on CLOCK_BOOTTIME, when it waits already.
    func fetch(_ query: TokenQuery, caller: Caller, responder: Responder, until deadline: Duration? = nil) {
        do throws(APIError) {
            let (client, target) = try authorize(query, caller: caller)
            do throws(APIError) {
                let deadline = deadline ?? surroundings.time.now().sinceBoot + (query.timeout ?? Self.defaultTimeout)
                try fetch(target, of: client, query, caller, responder, until: deadline)
            } catch {
                client.fetches.count(error.code.fetchResult)
                throw error
            }
        } catch {
            responder.send(error.response(for: query))
        }
    }

    // MARK: Policy

    /// The client and what is asked of it; the token socket hears the same of a client that is not there and of one
    /// that is not allowed.
    private func authorize(_ query: TokenQuery, caller: Caller) throws(APIError) -> (Client, TokenTarget) {
        let snapshot = directory.snapshot
        // Before the name is looked up, so that the time does not tell whether it exists.
        let unit = snapshot.needsUnit ? caller.unit : nil
        guard let client = snapshot.clients[query.client] else {
            surroundings.metrics.refused.count(.accessDenied)
            throw caller.role == .admin ? .unknownClient(query.client) : .accessDenied(query.client)
        }
        let policy = client.accessPolicy
        guard policy.decide(caller.peer, unit: unit).isAllowed else {
            client.fetches.count(.accessDenied)
            throw .accessDenied(query.client)
        }
        guard query.scope != nil || query.audience != nil || !query.resource.isEmpty else {
            return (client, client.configuration.target)
        }
        let target = client.configuration.target(
            scope: query.scope,
            audience: query.audience,
            resource: query.resource
        )
        guard policy.mayAsk(target, peer: caller.peer, unit: unit) else {
            client.fetches.count(.invalidRequest)
            throw .invalidScope(client.name)
        }
        return (client, target)
    }

    // MARK: Cache

    private func fetch(
        _ target: TokenTarget,
        of client: Client,
        _ query: TokenQuery,
        _ caller: Caller,
        _ responder: Responder,
        until deadline: Duration
    ) throws(APIError) {
        guard let slot = client.slot(for: target) else { throw .tooManySlots(client.name) }
        if let served = slot.usableToken(minTTL: query.minTTL) {
            client.fetches.count(.hit)
            responder.sendPrerendered(served.bytes(query.format))
            return
        }
        let uid = caller.peer.uid
        guard let waiter = waiting.begin(uid: uid, connection: caller.connection, slot: slot) else {
            throw .tooManyWaiting(client.name)
        }
        let timer = surroundings.deadlines.timer { [weak slot] in slot?.stopWaiting(waiter, because: .timeOver) }
        let wait = WaitingCaller(id: waiter, deadline: deadline, timer: timer) { end in
            waiting.end(uid: uid, connection: caller.connection)
            deliver(end, of: client, slot, query, caller, to: responder, until: deadline)
        }
        slot.wait(wait, minTTL: query.minTTL)
        waiting.endIfStopping(waiter, in: slot)
    }

    private func deliver(
        _ end: WaitingCaller.End,
        of client: Client,
        _ slot: TokenSlot,
        _ query: TokenQuery,
        _ caller: Caller,
        to responder: Responder,
        until deadline: Duration
    ) {
        switch end {
        // A reload changed the client while the caller waited, or the slot's place was given away: what is configured
        // now decides.
        case .outcome(.failure(.removed)):
            fetch(query, caller: caller, responder: responder, until: deadline)
        case .outcome(.token(let token)):
            client.fetches.count(.miss)
            responder.sendPrerendered(slot.served(token).bytes(query.format))
        case .outcome(.failure(let failure)):
            let error = APIError(failure, client: client.name)
            client.fetches.count(error.code.fetchResult)
            responder.send(error.response(for: query))
        case .timeOver:
            client.fetches.count(.temporarilyUnavailable)
            responder.send(APIError.waitingTimeOver(client.name, isQueued: slot.isQueued).response(for: query))
        case .stopping:
            client.fetches.count(.temporarilyUnavailable)
            responder.send(APIError.stopping(client.name).response(for: query))
        case .hungUp:
            client.fetches.count(.hungUp)
        }
    }
}
