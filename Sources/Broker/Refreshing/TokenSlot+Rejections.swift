internal import OAuth2
internal import TokenLifecycle

extension TokenSlot {
    /// A caller was refused with `token`; `mayForce` is whether this caller may have one replaced.
    func tokenRejected(_ token: Secret, mayForce: Bool) -> RejectionOutcome {
        var outcome = RejectionOutcome.notCurrent
        modify { machine, now in
            let heard = machine.tokenRejected(token, mayForce: mayForce, now: now)
            outcome = heard.outcome
            return heard.actions
        }
        return outcome
    }
}
