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
    let gate: AccessGate
    let waiting: WaitingRegister
    let surroundings: Surroundings

    /// Writes the answer, or has it sent by `responder` now or later.
    ///
    /// - Parameter deadline: when the caller's patience ends, on CLOCK_BOOTTIME, when it waits already.
    func fetch(
        _ query: TokenQuery,
        caller: Caller,
        responder: Responder,
        answer: inout AnswerBuffer,
        until deadline: Duration? = nil
    ) -> Reply {
        do throws(APIError) {
            let (admitted, target) = try authorize(query, caller: caller)
            do throws(APIError) {
                guard let slot = admitted.client.slot(for: target) else { throw .tooManySlots(admitted.client.name) }
                if let served = slot.usableToken(minTTL: query.minTTL) {
                    return serve(served, from: slot, to: admitted, query, responder, &answer)
                }
                let deadline = deadline ?? surroundings.time.now().sinceBoot + (query.timeout ?? Self.defaultTimeout)
                try wait(for: slot, admitted, query, responder, until: deadline)
            } catch {
                admitted.client.fetches.count(error.code.fetchResult)
                admitted.record(.fetch, target: target, error: error)
                throw error
            }
        } catch {
            responder.send(error.response(for: query))
        }
        return .later
    }

    // MARK: Policy

    /// The client and what is asked of it; the token socket hears the same of a client that is not there and of one
    /// that is not allowed.
    private func authorize(
        _ query: TokenQuery,
        caller: Caller
    ) throws(APIError) -> (AdmittedCaller, TokenTarget) {
        let admitted: AdmittedCaller
        do throws(APIError) {
            admitted = try gate.admit(caller, to: query.client, for: .fetch)
        } catch {
            let refused = directory.snapshot.clients[query.client]?.fetches ?? surroundings.metrics.refused
            refused.count(.accessDenied)
            throw error
        }
        let client = admitted.client
        guard query.scope != nil || query.audience != nil || !query.resource.isEmpty else {
            return (admitted, client.configuration.target)
        }
        let target = client.configuration.target(
            scope: query.scope,
            audience: query.audience,
            resource: query.resource
        )
        guard admitted.mayAsk(target) else {
            client.fetches.count(.invalidRequest)
            admitted.record(.fetch, .scopeNotAllowed, target: target)
            throw .invalidScope(client.name)
        }
        return (admitted, target)
    }

    // MARK: Cache

    private func serve(
        _ served: ServedToken,
        from slot: TokenSlot,
        to admitted: AdmittedCaller,
        _ query: TokenQuery,
        _ responder: Responder,
        _ answer: inout AnswerBuffer
    ) -> Reply {
        admitted.client.fetches.count(.hit)
        let event = admitted.recordServed(served, from: slot)
        served.write(query.format, into: &answer)
        guard answer.isWhole else {
            responder.sendPrerendered(served.bytes(query.format))
            return .later
        }
        let repetition = RepeatedFetch(
            of: query,
            by: admitted,
            served: served,
            from: slot,
            counted: event,
            epoch: surroundings.accessEpoch
        )
        return .written { repetition.answer($0, now: $1, into: &$2) }
    }

    private func wait(
        for slot: TokenSlot,
        _ admitted: AdmittedCaller,
        _ query: TokenQuery,
        _ responder: Responder,
        until deadline: Duration
    ) throws(APIError) {
        let (client, caller) = (admitted.client, admitted.caller)
        // The wait may end on another thread, and after the connection.
        let admitted = admitted.identified()
        let uid = caller.peer.uid
        guard let waiter = waiting.begin(uid: uid, connection: caller.connection, slot: slot) else {
            throw .tooManyWaiting(client.name)
        }
        let timer = surroundings.deadlines.timer { [weak slot] in slot?.stopWaiting(waiter, because: .timeOver) }
        let wait = WaitingCaller(id: waiter, deadline: deadline, timer: timer) { end in
            waiting.end(uid: uid, connection: caller.connection)
            deliver(end, of: admitted, slot, query, to: responder, until: deadline)
        }
        slot.wait(wait, minTTL: query.minTTL)
        waiting.endIfStopping(waiter, in: slot)
    }

    private func deliver(
        _ end: WaitingCaller.End,
        of admitted: AdmittedCaller,
        _ slot: TokenSlot,
        _ query: TokenQuery,
        to responder: Responder,
        until deadline: Duration
    ) {
        let client = admitted.client
        switch end {
        // A reload changed the client while the caller waited, or the slot's place was given away: what is configured
        // now decides.
        case .outcome(.failure(.removed)):
            var answer = AnswerBuffer()
            let reply = fetch(query, caller: admitted.caller, responder: responder, answer: &answer, until: deadline)
            if case .written = reply { responder.sendPrerendered(Array(answer)) }
            answer.wipe()
        case .outcome(.token(let token)):
            let served = slot.served(token)
            client.fetches.count(.miss)
            responder.sendPrerendered(served.bytes(query.format))
            admitted.recordServed(served, from: slot)
        case .outcome(.failure(let failure)):
            refuse(APIError(failure, of: client))
        case .timeOver:
            refuse(.waitingTimeOver(client.name, isQueued: slot.isQueued))
        case .stopping:
            refuse(.stopping(client.name))
        case .hungUp:
            client.fetches.count(.hungUp)
            admitted.record(.fetch, target: slot.id.target, outcome: FetchResult.hungUp.rawValue)
        }
        func refuse(_ error: APIError) {
            client.fetches.count(error.code.fetchResult)
            responder.send(error.response(for: query))
            admitted.record(.fetch, target: slot.id.target, error: error)
        }
    }
}
