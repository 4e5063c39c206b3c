package import OAuth2

extension TokenSlotMachine {
    /// The request of `generation` brought a token, and the store has it.
    package mutating func tokenReceived(_ kept: KeptToken, generation: Generation, now: Moment) -> [Action] {
        guard inFlight == generation else { return [.discardedStaleAnswer(generation)] }
        inFlight = nil
        lastAttempt = now.sinceBoot
        failure = nil
        let previous = life
        let received = TokenLife(kept, boot: boot, now: now)
        if let lifetime = kept.token.lifetime { longestLifetime = max(longestLifetime ?? lifetime, lifetime) }
        guard let received, received.isCacheable else {
            life = nil
            // Used up with this answer: whoever waited gets it once.
            return answerAll { _ in .token(kept.token) } + [.withdraw] + plan(now)
        }
        life = received
        sameTokenUntil = isSame(received, previous) ? nextUsefulAsk(received, now) : nil
        let answers = answerAll { minTTL in
            if received.isUsable(minTTL: minTTL, now) { return .token(kept.token) }
            if received.isUsable(minTTL: nil, now) {
                return .failure(.minTTLUnmet(longest: received.lifetime ?? .zero))
            }
            return .failure(.temporarilyUnavailable(retryAfter: .seconds(1), nil))
        }
        return [.publish(kept)] + answers + plan(now)
    }

    /// The request of `generation` brought no token.
    ///
    /// - Parameter spread: from 0 to 1, for the backoff.
    package mutating func requestFailed(
        _ failure: TokenEndpointFailure,
        generation: Generation,
        spread: Double,
        now: Moment
    ) -> [Action] {
        guard inFlight == generation else { return [.discardedStaleAnswer(generation)] }
        inFlight = nil
        lastAttempt = now.sinceBoot
        return stand(failure, spread: spread, now)
    }

    /// The client cannot even be asked for, for instance because its secret cannot be read.
    package mutating func configurationBroken(
        _ failure: TokenEndpointFailure,
        spread: Double,
        now: Moment
    ) -> [Action] {
        guard !isRemoved else { return [] }
        inFlight = nil
        return stand(failure, spread: spread, now)
    }

    /// The operator wants a new token now; `waiter` learns how it went.
    package mutating func operatorAskedForRefresh(waiter: WaiterID, now: Moment) -> [Action] {
        guard !isRemoved else { return [.answer(waiter, .failure(.removed))] }
        waiters[waiter] = .some(nil)
        sameTokenUntil = nil
        tryAgain(now)
        return plan(now)
    }

    /// A reload or a changed secret: what the server refused may work now.
    package mutating func configurationChanged(now: Moment) -> [Action] {
        guard let failure, failure.failure.failureClass.needsConfiguration else { return [] }
        tryAgain(now)
        self.failure?.count = 0
        return plan(now)
    }

    /// Another client of the same server got a token: the server is back.
    package mutating func serverRecovered(now: Moment) -> [Action] {
        guard let failure, failure.failure.failureClass.passes, inFlight == nil else { return [] }
        self.failure?.nextAttemptAt = now.sinceBoot
        return plan(now)
    }

    private mutating func tryAgain(_ now: Moment) {
        failure?.nextAttemptAt = now.sinceBoot
        failure?.answersCallers = false
    }

    private mutating func stand(_ failure: TokenEndpointFailure, spread: Double, _ now: Moment) -> [Action] {
        let isAgain = self.failure?.failure.failureClass == failure.failureClass
        let count = isAgain ? (self.failure?.count ?? 0) + 1 : 1
        let standing = StandingFailure(
            failure: failure,
            at: now,
            count: count,
            nextAttemptAt: nextAttempt(after: failure, count: count, spread: spread, now)
        )
        self.failure = standing
        let answer = FetchOutcome.failure(fetchFailure(standing, now))
        return answerAll { _ in answer } + plan(now)
    }

    /// Backoff; earlier while a token's end comes near, later where the server asks for it.
    private func nextAttempt(
        after failure: TokenEndpointFailure,
        count: Int,
        spread: Double,
        _ now: Moment
    ) -> Duration? {
        guard var delay = Backoff.delay(failure.failureClass, failures: count, spread: spread) else { return nil }
        if failure.failureClass.passes, let life, let remaining = life.remaining(now) {
            let usable = remaining - life.defaultMinTTL
            if usable > .zero { delay = min(delay, max(Backoff.floor, usable / 2)) }
        }
        if let retryAfter = failure.retryAfter { delay = max(delay, min(retryAfter, Backoff.longestRetryAfter)) }
        return now.sinceBoot + max(delay, Backoff.floor)
    }

    private func isSame(_ received: TokenLife, _ previous: TokenLife?) -> Bool {
        previous.map { $0.kept.token.value == received.kept.token.value } ?? false
    }

    /// The server caches on its side: it is asked again when the token is about to be needed, then ever more often.
    private func nextUsefulAsk(_ life: TokenLife, _ now: Moment) -> Duration? {
        guard let remaining = life.remaining(now) else { return nil }
        let spare = remaining - life.defaultMinTTL * 2
        return now.sinceBoot + (spare > Backoff.floor ? spare : max(Backoff.floor, life.defaultMinTTL / 2))
    }
}

extension FailureClass {
    /// It may end without anybody's doing.
    var passes: Bool {
        switch self {
        case .transient, .unknown, .protocol, .slowDown, .authorizationPending, .dpopNonceRequired: true
        case .configuration, .endpointMisconfigured, .loginRequired, .expiredDeviceCode: false
        }
    }

    /// A changed configuration may end it.
    var needsConfiguration: Bool { self == .configuration || self == .endpointMisconfigured }
}
