package import OAuth2

extension TokenSlotMachine {
    /// A min_ttl beyond this share of the longest lifetime granted is never met for long enough to be useful.
    private static let grantableShare = 0.9

    /// The kept token, if a caller that needs `minTTL` may have it now.
    package func usableToken(minTTL: Duration?, now: Moment) -> AccessToken? {
        guard let life, life.isUsable(minTTL: minTTL, now) else { return nil }
        return life.kept.token
    }

    /// What is left of the kept token; nil when it does not expire or none is kept.
    package func remainingLife(now: Moment) -> Duration? { life?.remaining(now) }

    /// Whether the token is kept fresh ahead of its expiry.
    func isWarm(_ now: Moment) -> Bool {
        switch policy.keepWarm {
        case .always: true
        case .never: false
        case .during(let duration): lastAskedMoment.map { now.sinceBoot - $0.sinceBoot <= duration } ?? false
        }
    }

    /// A caller got the kept token.
    package mutating func callerServed(now: Moment) -> [Action] {
        let wasWarm = isWarm(now)
        let noted = noteDemand(now)
        // A cold slot warms up; a clock that was set makes the plan wrong. Else what was planned stands.
        guard !wasWarm || life?.wallJumpedAhead(now) ?? false else { return noted }
        return noted + plan(now)
    }

    /// A caller came for whom the kept token does not do: it is answered now, or waits.
    package mutating func callerAsked(_ waiter: WaiterID, minTTL: Duration?, now: Moment) -> [Action] {
        guard !isRemoved else { return [.answer(waiter, .failure(.removed))] }
        if let token = usableToken(minTTL: minTTL, now: now) {
            return [.answer(waiter, .token(token))] + callerServed(now: now)
        }
        let wasWarm = isWarm(now)
        let noted = noteDemand(now)
        if let longest = unmetLongest(minTTL, now) {
            return [.answer(waiter, .failure(.minTTLUnmet(longest: longest)))] + noted + plan(now)
        }
        if let failure = standingAnswer(now, wasWarm: wasWarm) {
            return [.answer(waiter, .failure(failure))] + noted + plan(now)
        }
        failure?.answersCallers = false
        waiters[waiter] = .some(minTTL)
        if life?.isUsable(minTTL: nil, now) ?? false { lastForced = now.sinceBoot }
        return noted + plan(now)
    }

    /// A caller's time is over or it hung up; the request goes on for the others and for the next.
    package mutating func callerLeft(_ waiter: WaiterID) {
        waiters[waiter] = nil
    }

    /// Remembers that somebody asked, and lets the store know now and then.
    private mutating func noteDemand(_ now: Moment) -> [Action] {
        lastAskedMoment = now
        if let recorded = lastAskedRecorded, now.sinceBoot - recorded < Self.lastAskedInterval { return [] }
        lastAskedRecorded = now.sinceBoot
        return [.recordLastAsked(now)]
    }

    /// The longest lifetime, when asking the server could not meet `minTTL` or was just tried.
    private func unmetLongest(_ minTTL: Duration?, _ now: Moment) -> Duration? {
        guard let minTTL, let longest = longestLifetime else { return nil }
        if minTTL > longest * Self.grantableShare { return longest }
        guard let life, life.isUsable(minTTL: nil, now), inFlight == nil else { return nil }
        if let sameTokenUntil, now.sinceBoot < sameTokenUntil { return longest }
        if let lastForced, let lifetime = life.lifetime, now.sinceBoot < lastForced + lifetime / 10 { return longest }
        return nil
    }

    /// What a standing failure tells a caller at once, so that nobody waits for a server that is down.
    private func standingAnswer(_ now: Moment, wasWarm: Bool) -> FetchFailure? {
        guard let failure, failure.answersCallers else { return nil }
        // A cold slot made no attempt since: its failure may be history, so this caller finds out.
        let isBeingTried = wasWarm || inFlight != nil
        guard isBeingTried || failure.nextAttemptAt.map({ now.sinceBoot < $0 }) ?? true else { return nil }
        return fetchFailure(failure, now)
    }

    /// The failure in a caller's terms.
    func fetchFailure(_ standing: StandingFailure, _ now: Moment) -> FetchFailure {
        let wait = standing.nextAttemptAt.map { max(.seconds(1), $0 - now.sinceBoot) }
        return switch standing.failure.failureClass {
        case .transient, .unknown, .protocol, .slowDown, .authorizationPending, .dpopNonceRequired:
            .temporarilyUnavailable(retryAfter: wait ?? .seconds(1), standing.failure)
        case .configuration, .endpointMisconfigured:
            .clientMisconfigured(standing.failure, retryAfter: wait)
        case .loginRequired, .expiredDeviceCode:
            .loginRequired(standing.failure)
        }
    }

    /// Ends every wait.
    mutating func answerAll(_ outcome: (Duration?) -> FetchOutcome) -> [Action] {
        let answers = waiters.sorted { $0.key.number < $1.key.number }.map { Action.answer($0.key, outcome($0.value)) }
        waiters = [:]
        return answers
    }
}
