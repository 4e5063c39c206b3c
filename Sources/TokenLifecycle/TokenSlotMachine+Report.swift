package import OAuth2

extension TokenSlotMachine {
    /// Nobody stands back for longer, so that everybody's turn comes.
    private static let longestStandingBack: Duration = .seconds(3_600)

    /// What an operator may know of the slot.
    package func report(now: Moment) -> SlotReport {
        let remaining = held?.remaining(now)
        let isServing = isServing(now)
        return SlotReport(
            state: state(now: now),
            serving: isServing,
            expiresAt: remaining.map { now.sinceEpoch + $0 },
            nextAttemptAt: attemptDue(now).map { now.sinceEpoch + $0 - now.sinceBoot },
            isAttemptUnderWay: inFlight != nil,
            diesAt: deathAt(now: now).map { now.sinceEpoch + $0 - now.sinceBoot },
            lastFailure: failure.map { ReportedFailure(failure: $0.failure, at: $0.at) },
            isWarm: isInUse(now: now),
            lifetime: held?.lifetime,
            waiters: waiters.count
        )
    }

    /// The time since boot at which callers will notice if the server stays down; nil when never, or nothing serves.
    package func deathAt(now: Moment) -> Duration? { isServing(now) ? held?.servingEnd(now) : nil }

    /// The time since boot by which the next request is to have its turn: when callers will notice, or at once where
    /// they do already; nil for at once.
    ///
    /// What failed for some time, and nobody waits for, stands back for as long as it did: it is no likelier to work now
    /// than then, and whom the server would serve must not wait for those whom it does not.
    package func turnDue(now: Moment) -> Duration? {
        if let death = deathAt(now: now) { return death }
        guard waiters.isEmpty, let failure else { return nil }
        return now.sinceBoot + min(max(.zero, failure.at.sinceBoot - failure.since), Self.longestStandingBack)
    }

    /// The state alone, for whoever looks for a change after each event.
    package func state(now: Moment) -> SlotState {
        switch failure?.kind {
        case .passing: return isServing(now) ? .retrying : .expired
        case .misconfigured: return .misconfigured
        case .loginRequired: return .loginRequired
        case nil: break
        }
        if isServing(now) { return inFlight == nil ? .fresh : .refreshing }
        return inFlight == nil && waiters.isEmpty ? .idle : .fetching
    }

    /// Whether the slot is refreshed ahead of its token's end, or waited for.
    package func isInUse(now: Moment) -> Bool { isWarm(now) || !waiters.isEmpty }

    /// Whether the latest attempt failed.
    package var hasFailed: Bool { failure != nil }

    /// Whether the slot can be forgotten without anything being asked for again that need not be: no token serves, and no
    /// failure keeps the next caller from an attempt.
    package func isForgettable(now: Moment) -> Bool {
        guard !isServing(now) else { return false }
        guard let failure else { return true }
        return failure.nextAttemptAt.map { $0 <= now.sinceBoot } ?? false
    }

    private func isServing(_ now: Moment) -> Bool { held?.isUsable(minTTL: nil, now) ?? false }
}
