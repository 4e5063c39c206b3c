package import OAuth2

extension TokenSlotMachine {
    /// The request of `generation` brought a token, and the store has it.
    package mutating func tokenReceived(_ kept: KeptToken, generation: Generation, now: Moment) -> [Action] {
        guard inFlight == generation, unexplained == nil else { return [.discardedStaleAnswer(generation)] }
        let wasForced = isForcing
        requestEnded(now)
        guard let arrived = HeldToken(kept, boot: boot, now: now) else {
            return stand(Self.expiredOnArrival, spread: 0, now)
        }
        if let left = remainderCalledZero(arrived, now) {
            guard left > .zero - HeldToken.longestUncached else { return stand(Self.expiredOnArrival, spread: 0, now) }
            // The server is at work, whatever it said before, and who waits goes on waiting for the next token, which
            // is moments away.
            failure = nil
            return plan(now)
        }
        guard !isPastItsEnd(arrived, now) else { return stand(Self.expiredOnArrival, spread: 0, now) }
        learnLifetime(of: kept)
        failure = nil
        isAttemptWanted = false
        if wasForced { lastForced = now.sinceBoot }
        nothingNewBefore = timeOfNews(after: arrived, now)
        lastReceived = arrived
        noteGivenAgain(kept.token.value)
        let longest = longestLifetime ?? .zero
        let answers = answerWaiters { Self.outcome(of: arrived, for: $0, longest: longest, now) }
        guard arrived.isCacheable else {
            let withdrawing: [Action] = held == nil ? [] : [.withdraw]
            held = nil
            return withdrawing + answers + plan(now)
        }
        held = arrived
        return [.publish(kept)] + answers + plan(now)
    }

    /// The request of `generation` brought no token; `spread`, drawn from 0…1, is the share of the backoff's jitter.
    package mutating func requestFailed(
        _ failure: TokenEndpointFailure,
        generation: Generation,
        spread: Double,
        now: Moment
    ) -> [Action] {
        guard inFlight == generation, unexplained == nil else { return [.discardedStaleAnswer(generation)] }
        if failure.failureClass == .unexplainedRefusal {
            unexplained = Boxed(failure)
            return [.sendProbe(generation)]
        }
        requestEnded(now)
        return stand(failure, spread: spread, now)
    }

    /// The probe after the unexplained refusal of `generation` ended; `spread` is as for `requestFailed`.
    ///
    /// The grant counts as gone only when the server refuses a refresh token that nobody has in the same way.
    package mutating func probeEnded(
        _ finding: ProbeFinding,
        generation: Generation,
        spread: Double,
        now: Moment
    ) -> [Action] {
        guard inFlight == generation, var failure = unexplained?.value else {
            return [.discardedStaleAnswer(generation)]
        }
        unexplained = nil
        failure.failureClass = finding == .sameAnswer ? .loginRequired : .configuration
        requestEnded(now)
        return stand(failure, spread: spread, now)
    }

    /// The client cannot be asked for as it stands, for instance because its secret cannot be read; a request that is
    /// under way was sent before that, and its end counts.
    ///
    /// It is tried again on a changed configuration and the operator's word, and now and then without, for what makes
    /// a file readable may leave no trace on it.
    package mutating func configurationBroken(
        _ failure: TokenEndpointFailure,
        spread: Double,
        now: Moment
    ) -> [Action] {
        guard !isRemoved, inFlight == nil else { return [] }
        isAttemptWanted = false
        return stand(failure, spread: spread, now)
    }

    /// A reload or a changed secret: what failed for the configuration may work now, and is tried at once where
    /// somebody needs it.
    package mutating func configurationChanged(now: Moment) -> [Action] {
        guard !isRemoved else { return [] }
        if inFlight != nil {
            // It may have been sent as things were before: should it fail, it is tried again.
            isAttemptWanted = true
        } else if failure?.kind == .misconfigured {
            isAttemptWanted = isWarm(now)
        }
        if failure?.kind == .misconfigured { failure = nil }
        return plan(now)
    }

    /// Another client of the same server got a token: what may pass may have passed.
    package mutating func serverRecovered(now: Moment) -> [Action] {
        guard inFlight == nil, let failure, failure.kind == .passing else { return [] }
        // Woken, and failed again: its turn is at its own pace, or every success of others would bring it back. But the
        // server may have been down once more meanwhile.
        if let woken = failure.wokenAt, now.sinceBoot - woken < Self.wakingInterval { return [] }
        let next = max(now.sinceBoot, failure.leaveAloneUntil ?? now.sinceBoot)
        if !failure.isOwn {
            self.failure?.count = 0
            self.failure?.since = now.sinceBoot
        }
        self.failure?.wokenAt = now.sinceBoot
        self.failure?.nextAttemptAt = next
        self.failure?.answersCallers = next > now.sinceBoot
        return plan(now)
    }

    /// The operator wants a new token now, whatever failed; `waiter` hears what came of it.
    package mutating func operatorAskedForRefresh(waiter: WaiterID? = nil, now: Moment) -> [Action] {
        guard !isRemoved else { return waiter.map { [.answer($0, .failure(.removed))] } ?? [] }
        if let waiter { waiters.append(Waiter(id: waiter, minTTL: nil)) }
        if inFlight == nil { isAttemptWanted = true }
        failure?.answersCallers = false
        return plan(now)
    }

    /// As often as a passing failure is tried again at its slowest.
    private static let wakingInterval: Duration = .seconds(60)

    private mutating func requestEnded(_ now: Moment) {
        inFlight = nil
        isForcing = false
        lastAttemptEnd = now.sinceBoot
    }
}

// MARK: Failures

extension TokenSlotMachine {
    /// What the server gave was over when it came.
    private static let expiredOnArrival = TokenEndpointFailure(.transient, .tokenExpiredOnArrival)

    /// Lets `failure` stand, tells who waits, and plans the next attempt where there is to be one.
    mutating func stand(
        _ failure: TokenEndpointFailure,
        spread: Double,
        _ now: Moment
    ) -> [Action] {
        let backoff = Backoff(after: failure.failureClass)
        let isAgain = self.failure.map { Backoff(after: $0.failure.failureClass) == backoff } ?? false
        var count = isAgain ? (self.failure?.count ?? 0) + 1 : 1
        let leaveAlone = failure.retryAfter.map { min($0, Backoff.longestRetryAfter) }
        var next: Duration?
        if isAttemptWanted {
            // It was sent as things were before, and does not count.
            count = 0
            next = now.sinceBoot + Backoff.floor
        } else if let backoff {
            let patient = backoff.delay(failures: count, spread: spread)
            let delay = hurried(patient, backoff, now)
            // The hurry is the token's, not the server's doing: when it is over the delays grow on from where it began.
            if delay < patient { count = max(1, count - 1) }
            next = now.sinceBoot + max(delay, leaveAlone ?? delay, Backoff.floor)
        }
        var standing = StandingFailure(
            failure,
            at: now,
            since: isAgain ? self.failure?.since ?? now.sinceBoot : now.sinceBoot,
            count: count,
            nextAttemptAt: next,
            leaveAloneUntil: leaveAlone.map { now.sinceBoot + $0 },
            answersCallers: !isAttemptWanted
        )
        standing.wokenAt = isAgain ? self.failure?.wokenAt : nil
        self.failure = standing
        let told = standing.fetchFailure(now)
        return answerWaiters { _ in .failure(told) } + plan(now)
    }

    /// The delay, but no later than half of the time that the token still serves, so that an outage which ends before
    /// the token does is never noticed.
    private func hurried(_ delay: Duration, _ backoff: Backoff, _ now: Moment) -> Duration {
        guard backoff.mayPass, let held, held.isUsable(minTTL: nil, now), let end = held.servingEnd(now) else {
            return delay
        }
        return min(delay, (end - now.sinceBoot) / 2)
    }
}

// MARK: Tokens

extension TokenSlotMachine {
    /// Whether it is worth nothing to anybody: the answer took all of its life.
    private func isPastItsEnd(_ arrived: HeldToken, _ now: Moment) -> Bool {
        guard let remaining = arrived.remaining(now) else { return false }
        return arrived.isCacheable ? !arrived.isUsable(minTTL: nil, now) : remaining <= .zero
    }

    /// What is left, by what it said before, of a token that the server gave once more without a lifetime.
    ///
    /// A server that keeps its tokens and rounds down states 0 in the last second. Read as unstated, that would give
    /// a token the default lifetime at the very end of its own. Nil when it is not so.
    private func remainderCalledZero(_ arrived: HeldToken, _ now: Moment) -> Duration? {
        guard let last = repeated(arrived), !isStated(arrived), isStated(last), let left = last.remaining(now) else {
            return nil
        }
        return left <= HeldToken.longestUncached ? left : nil
    }

    private func isStated(_ token: HeldToken) -> Bool {
        token.kept.isLifetimeStated ?? (token.lifetime != policy.lifetime(stated: nil))
    }

    /// The token before, when this is the same.
    private func repeated(_ arrived: HeldToken) -> HeldToken? {
        lastReceived.flatMap { $0.kept.token.value == arrived.kept.token.value ? $0 : nil }
    }

    /// When the server may have another token than this: of one that it gave before, shortly before it is needed; of
    /// one that is too short to keep, at its end. Nil when there is no reason to think that it matters.
    private func timeOfNews(after arrived: HeldToken, _ now: Moment) -> Duration? {
        if !arrived.isCacheable { return arrived.time(whenLeft: .zero, now) }
        guard repeated(arrived) != nil else { return nil }
        return arrived.time(whenLeft: arrived.servingMargin * 2, now)
    }

    private static func outcome(
        of arrived: HeldToken,
        for waiter: Waiter,
        longest: Duration,
        _ now: Moment
    ) -> FetchOutcome {
        let isEnough: Bool
        if arrived.isCacheable {
            isEnough = arrived.isUsable(minTTL: waiter.minTTL, now)
        } else {
            isEnough = arrived.remaining(now).map { $0 >= waiter.minTTL ?? .zero } ?? true
        }
        return isEnough ? .token(arrived.kept.token) : .failure(.minTTLUnmet(longest: longest))
    }
}
