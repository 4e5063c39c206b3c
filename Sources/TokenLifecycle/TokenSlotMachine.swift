package import OAuth2

/// Decides for one token slot: when to ask the server, what callers get, who waits.
///
/// Events are told in the past tense with the time; what is to be done comes back as actions. At most one request is in
/// flight, its outcome is shared by all who wait, and an answer whose generation was overtaken changes nothing.
package struct TokenSlotMachine: Sendable {
    /// A failure that stands until the next success.
    struct StandingFailure: Sendable {
        var failure: TokenEndpointFailure
        var at: Moment
        /// In a row, of the same class.
        var count: Int
        /// On CLOCK_BOOTTIME; nil when only a person's act leads to another attempt.
        var nextAttemptAt: Duration?
        /// False once somebody had reason to try again: then callers wait for the outcome.
        var answersCallers = true
    }

    /// Demand is written to the store no more often than this.
    package static let lastAskedInterval: Duration = .seconds(3_600)

    /// Timers are set no further ahead, so that a wrong clock cannot put a refresh off for ever.
    package static let longestPlan: Duration = .seconds(86_400)

    let policy: RefreshPolicy
    let boot: BootID

    var life: TokenLife?
    var inFlight: Generation?
    var lastGeneration = Generation(number: 0)
    /// When the last request was sent or answered; the floor counts from here.
    var lastAttempt: Duration?
    /// Each caller that waits, with the time to live it needs.
    var waiters: [WaiterID: Duration?] = [:]
    var failure: StandingFailure?
    var longestLifetime: Duration?
    /// When a caller's min_ttl last forced a refresh.
    var lastForced: Duration?
    /// The server gave the same token again: asking before this gives it once more.
    var sameTokenUntil: Duration?
    var plannedAttempt: Duration?
    var lastAskedMoment: Moment?
    var lastAskedRecorded: Duration?
    var isRemoved = false

    /// A slot that begins with what was kept over a restart or a reload; call `started` next.
    package init(policy: RefreshPolicy, boot: BootID, kept: KeptToken?, lastAsked: Receipt?, now: Moment) {
        self.policy = policy
        self.boot = boot
        life = kept.flatMap { TokenLife($0, boot: boot, now: now) }
        longestLifetime = kept?.token.lifetime
        if let lastAsked {
            let age = max(
                .zero,
                lastAsked.boot == boot
                    ? now.sinceBoot - lastAsked.moment.sinceBoot : now.sinceEpoch - lastAsked.moment.sinceEpoch
            )
            lastAskedMoment = Moment(sinceBoot: now.sinceBoot - age, sinceEpoch: now.sinceEpoch - age)
            lastAskedRecorded = now.sinceBoot - age
        }
    }

    /// The token that is kept, if any.
    package var kept: KeptToken? { life?.kept }

    /// When a caller last asked, in this boot's terms.
    package var lastAsked: Moment? { lastAskedMoment }

    /// Whether an answer of `generation` would be taken.
    package func isCurrent(_ generation: Generation) -> Bool { inFlight == generation }

    /// The daemon started or the client was configured: makes the first plan.
    package mutating func started(now: Moment) -> [Action] { plan(now) }

    /// The time that was asked for with `setTimer` came.
    package mutating func timerFired(now: Moment) -> [Action] { plan(now) }

    /// The wall clock was set, or the machine slept: what was planned may be wrong.
    package mutating func clockChanged(now: Moment) -> [Action] { plan(now) }

    /// The client is configured no more, or otherwise; callers that wait are told.
    package mutating func removed() -> [Action] {
        isRemoved = true
        inFlight = nil
        life = nil
        failure = nil
        plannedAttempt = nil
        return answerAll { _ in .failure(.removed) } + [.cancelTimer, .withdraw]
    }

    // MARK: The plan

    /// Sends a request, sets the timer, or neither: the one place where this is decided.
    mutating func plan(_ now: Moment) -> [Action] {
        guard !isRemoved else { return [] }
        var actions: [Action] = []
        if let life, life.isExpired(now) {
            self.life = nil
            actions.append(.withdraw)
        }
        plannedAttempt = nil
        guard inFlight == nil else { return actions + [.cancelTimer] }
        guard let due = attemptDue(now) else {
            // Nothing to ask for; the token's end is still a reason to wake, to forget it.
            guard let remaining = life?.remaining(now) else { return actions + [.cancelTimer] }
            return actions + [.setTimer(at: now.sinceBoot + min(remaining, Self.longestPlan))]
        }
        plannedAttempt = due
        guard due <= now.sinceBoot else {
            return actions + [.setTimer(at: min(due, now.sinceBoot + Self.longestPlan))]
        }
        lastGeneration = Generation(number: lastGeneration.number + 1)
        inFlight = lastGeneration
        lastAttempt = now.sinceBoot
        return actions + [.cancelTimer, .sendTokenRequest(lastGeneration)]
    }

    /// When the next request is due, on CLOCK_BOOTTIME; nil when none is.
    private func attemptDue(_ now: Moment) -> Duration? {
        guard let wanted = attemptWanted(now) else { return nil }
        let floor = lastAttempt.map { $0 + Backoff.floor } ?? wanted
        guard let failure else { return max(wanted, floor) }
        guard let next = failure.nextAttemptAt else { return nil }
        return max(wanted, floor, next)
    }

    /// When a request would be useful, whatever the server may bear.
    private func attemptWanted(_ now: Moment) -> Duration? {
        if !waiters.isEmpty { return now.sinceBoot }
        guard isWarm(now) else { return nil }
        guard let life else {
            // A lifetime this short is over before the next caller comes: it is asked for when one does.
            if let longestLifetime, longestLifetime <= TokenLife.shortestCached, failure == nil { return nil }
            return now.sinceBoot
        }
        guard let due = life.refreshDue(now) else { return nil }
        return max(due, sameTokenUntil ?? due)
    }
}
