package import OAuth2

extension TokenSlotMachine {
    /// Callers' word counts no more often: a token that comes and is refused within a minute is not made good by the
    /// next one.
    package static let rejectionInterval: Duration = .seconds(60)

    /// The latest report that made the slot ask for another token.
    struct Rejection: Sendable {
        /// What was refused.
        let value: Secret

        /// On the clock since boot.
        let at: Duration

        /// Whether the server gave the same token since then; it is what the slot has until it expires.
        var isGivenAgain = false
    }

    /// A caller was refused with the token `value`; `mayForce` is whether this caller may have one replaced.
    ///
    /// The token is served until there is another. One caller's word says nothing of the others, whose resource servers
    /// may well take it; and a fetch never waits while a usable token exists, least of all on the word of a caller that
    /// is wrong or lies. A report that changes nothing leaves no trace.
    package mutating func tokenRejected(
        _ value: Secret,
        mayForce: Bool,
        now: Moment
    ) -> (outcome: RejectionOutcome, actions: [Action]) {
        guard let held, !held.isOver(now), held.kept.token.value == value else { return (.notCurrent, []) }
        if let obstacle = obstacle(to: held.kept.token.value, now) { return (obstacle, []) }
        guard mayForce else { return (.callerLimit, []) }
        rejection = Rejection(value: held.kept.token.value, at: now.sinceBoot)
        isAttemptWanted = true
        // Who reports a token uses it; and a request that fails is made again only for a slot in use.
        let noted = noteDemand(now)
        return (.refreshing, noted + plan(now))
    }

    /// Why the held token is not to be replaced, whoever reports it.
    private func obstacle(to value: Secret, _ now: Moment) -> RejectionOutcome? {
        if inFlight != nil || isAttemptWanted { return .alreadyUnderWay }
        if let rejection, rejection.isGivenAgain, rejection.value == value { return .sameTokenAgain }
        if let failure, !isHistory(failure, now) { return .serverLeftAlone }
        if let rejection, now.sinceBoot < rejection.at + Self.rejectionInterval { return .tooSoon }
        return nil
    }

    /// Remembers whether the token that came is the one that was reported last.
    mutating func noteGivenAgain(_ value: Secret) {
        if let rejection, rejection.value == value { self.rejection?.isGivenAgain = true }
    }
}
