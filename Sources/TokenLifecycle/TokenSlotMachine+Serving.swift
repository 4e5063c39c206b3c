package import OAuth2

extension TokenSlotMachine {
    /// What must be left of the published token for a caller that needs `minTTL`; nil when there is none.
    package func servingMargin(minTTL: Duration?) -> Duration? { held?.margin(minTTL: minTTL) }

    /// The published token, if a caller that needs `minTTL` may have it now.
    package func usableToken(minTTL: Duration?, now: Moment) -> AccessToken? {
        guard let held, held.isUsable(minTTL: minTTL, now) else { return nil }
        return held.kept.token
    }

    /// What is left of the published token; nil when it does not expire or there is none.
    package func remainingLife(now: Moment) -> Duration? { held?.remaining(now) }

    /// A caller got the published token.
    package mutating func callerServed(now: Moment) -> [Action] {
        let wasWarm = isWarm(now)
        let noted = noteDemand(now)
        // Else what was planned stands, and a fetch costs nothing more.
        let isPlanOutdated =
            !wasWarm && isWarm(now) || isTimerLate(now) || inFlight == nil && (held?.wallJumpedAhead(now) ?? false)
        return isPlanOutdated ? noted + plan(now) : noted
    }

    /// A caller came whom the published token does not suit: it is answered now, or waits.
    package mutating func callerAsked(_ waiter: WaiterID, minTTL: Duration?, now: Moment) -> [Action] {
        guard !isRemoved else { return [.answer(waiter, .failure(.removed))] }
        let noted = noteDemand(now)
        if let token = usableToken(minTTL: minTTL, now: now) {
            return [.answer(waiter, .token(token))] + noted + plan(now)
        }
        if let refusal = refusal(minTTL: minTTL, now) {
            return [.answer(waiter, .failure(refusal))] + noted + plan(now)
        }
        failure?.answersCallers = false
        isForcing = isForcing || isForced(now)
        waiters.append(Waiter(id: waiter, minTTL: minTTL))
        return noted + plan(now)
    }

    /// A caller's time is over or it hung up; the request goes on, for the others and for the next.
    package mutating func callerLeft(_ waiter: WaiterID) {
        waiters.removeAll { $0.id == waiter }
    }

    /// Why it would be no use to wait.
    private func refusal(minTTL: Duration?, _ now: Moment) -> FetchFailure? {
        if let minTTL, let longestLifetime {
            // Beyond nine tenths, each token would be too old for the next caller a tenth of its life later.
            if minTTL > longestLifetime * 9 / 10 { return .minTTLUnmet(longest: longestLifetime) }
            if isForced(now), !mayForce(now) { return .minTTLUnmet(longest: longestLifetime) }
        }
        guard let failure, failure.answersCallers, !isHistory(failure, now) else { return nil }
        return failure.fetchFailure(now)
    }

    /// Whether nobody found out since, though it was time to: then this caller does. While a warm slot tries again on
    /// its own, the failure stands and callers hear it at once, for the attempt may take as long as a time-out.
    func isHistory(_ failure: StandingFailure, _ now: Moment) -> Bool {
        guard inFlight == nil, let next = failure.nextAttemptAt else { return false }
        return next <= now.sinceBoot
    }

    /// Whether a request would be sent only because a caller's min_ttl is longer than others need.
    private func isForced(_ now: Moment) -> Bool {
        inFlight == nil && usableToken(minTTL: nil, now: now) != nil
    }

    private func mayForce(_ now: Moment) -> Bool {
        if let nothingNewBefore, now.sinceBoot < nothingNewBefore { return false }
        guard let lastForced, let lifetime = held?.lifetime else { return true }
        return now.sinceBoot >= lastForced + lifetime / 10
    }
}
