internal import LinuxHost
internal import LocalAPI
internal import LocalServer
internal import OAuth2
internal import TokenLifecycle

/// Hears from callers that they were refused with a token, and has it replaced where that may help.
struct Rejections: Sendable {
    let gate: AccessGate
    let budget: RejectionBudget
    let surroundings: Surroundings

    /// Answers a report; who may use the client hears whether another token is on its way, and no more.
    func hear(_ report: RejectionReport, of name: String, caller: Caller) throws(APIError) -> HTTPResponse {
        let admitted = try gate.admit(caller, to: name, for: .reject)
        let token = try report.token()
        let client = admitted.client
        let reporter = RejectionBudget.Reporter(uid: caller.peer.uid, unit: admitted.recordedUnit.unit)
        let now = surroundings.time.now().sinceBoot
        let wait = budget.wait(of: reporter, now: now)
        // A token of a slot that the caller may not ask for is to it like any other that is not current.
        let mine = client.slots.filter { admitted.mayAsk($0.id.target) }
        let outcome = Self.outcome(of: token, in: mine, mayForce: wait == nil)
        if outcome == .refreshing { budget.spend(reporter, now: now) }
        surroundings.metrics.rejection(client: client.name, outcome: outcome)
        // A token that is not one of ours is the caller's invention, and would make an event of each.
        let fingerprint = outcome == .notCurrent ? nil : TokenFingerprint(token)
        admitted.record(.reject, outcome: outcome.rawValue, fingerprint)
        if let wait, outcome == .callerLimit { throw .tooManyRejections(client.name, retryAfter: wait) }
        return .document(RejectionDocument(client: name, refreshing: outcome.isRefreshing), status: 202)
    }

    /// By the first slot that serves the token; where others do too, one report must not make a request for each.
    private static func outcome(of token: Secret, in slots: [TokenSlot], mayForce: Bool) -> RejectionOutcome {
        for slot in slots {
            let outcome = slot.tokenRejected(token, mayForce: mayForce)
            if outcome != .notCurrent { return outcome }
        }
        return .notCurrent
    }
}
