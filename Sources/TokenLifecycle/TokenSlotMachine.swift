package import OAuth2

/// Decides for one token slot when to ask the server, what callers get, and who waits.
///
/// What happened goes in, in the past tense and with the time; what to do comes out. The shell locks, tells, unlocks,
/// and then does it, in order. It begins with `started`.
///
/// At most one request is in flight. All who wait share its outcome, its failure too, and a caller that leaves does not
/// cancel it. An answer whose generation was overtaken changes nothing.
package struct TokenSlotMachine: Sendable {
    /// A caller that waits, and how much life it needs of its token.
    struct Waiter: Sendable {
        let id: WaiterID
        let minTTL: Duration?
    }

    /// No timer reaches further ahead, so that a plan made by a wrong clock is made anew before long.
    package static let longestPlan: Duration = .seconds(86_400)

    /// Timers for what ends come this much later, when it has ended.
    private static let instant: Duration = .milliseconds(1)

    let policy: RefreshPolicy
    let boot: BootID

    /// The token that is published.
    var held: HeldToken?

    /// The latest token that came, published or not, over or not.
    var lastReceived: HeldToken?

    /// The longest lifetime that the server has granted; ten years when a token of its does not expire.
    var longestLifetime: Duration?

    /// The time since boot before which the server would give what it gave; nil unless it did so.
    var nothingNewBefore: Duration?

    /// The time since boot at which a refresh that a caller's min_ttl forced brought a token.
    var lastForced: Duration?

    /// Whether the next token will be one that a min_ttl forced.
    var isForcing = false

    /// The generation of the latest request.
    var generation = Generation.none

    /// The request that is under way.
    var inFlight: Generation?

    /// The refusal without a reason that a probe is to explain.
    var unexplained: Boxed<TokenEndpointFailure>?

    /// The time since boot from which the floor counts: the end of the latest request, which it was sent before.
    var lastAttemptEnd: Duration?

    /// Whether a request is wanted for its own sake, whatever is held and whatever failed.
    var isAttemptWanted = false

    /// The latest report of a refused token that counted.
    var rejection: Rejection?

    /// In the order they came.
    var waiters: [Waiter] = []

    /// What the latest attempt met, until one succeeds.
    var failure: StandingFailure? {
        get { boxedFailure?.value }
        set { boxedFailure = newValue.map(Boxed.init) }
    }

    /// Of ten thousand slots few have one.
    private var boxedFailure: Boxed<StandingFailure>?

    /// When a caller last asked.
    var lastAskedMoment: Moment?

    /// The time since boot at which the store was last told so.
    var lastAskedRecorded: Duration?

    /// What the shell's timer is set to.
    private var timer: Duration?

    var isRemoved = false

    /// The machine of a slot that begins with what was kept over a restart or a reload: `kept`, last asked for at
    /// `lastAsked`.
    package init(policy: RefreshPolicy, boot: BootID, kept: KeptToken?, lastAsked: Receipt?, now: Moment) {
        self.policy = policy
        self.boot = boot
        if let lastAsked { takeOver(lastAsked, now) }
        guard let kept else { return }
        learnLifetime(of: kept)
        held = HeldToken(kept, boot: boot, now: now)
        lastReceived = held
    }

    /// The daemon started, or the slot was made: makes the first plan.
    package mutating func started(now: Moment) -> [Action] { plan(now) }

    /// The time that `setTimer` named came; harmless at any other.
    package mutating func timerFired(now: Moment) -> [Action] {
        timer = nil
        return plan(now)
    }

    /// The wall clock was set, or the machine slept: makes the plan anew.
    package mutating func clockChanged(now: Moment) -> [Action] { plan(now) }

    /// The slot is gone from the configuration: tells who waits, and takes no answer any more.
    package mutating func removed() -> [Action] {
        guard !isRemoved else { return [] }
        isRemoved = true
        let wasPublished = held != nil
        let answers = answerWaiters { _ in .failure(.removed) }
        let cancelling: [Action] = timer == nil ? [] : [.cancelTimer]
        (held, lastReceived, inFlight, unexplained, failure, timer) = (nil, nil, nil, nil, nil, nil)
        return answers + cancelling + (wasPublished ? [.withdraw] : [])
    }

    /// The token that is kept, for a slot that takes over from this one.
    package var kept: KeptToken? { held?.kept }

    /// Whether an answer of `generation` would be taken.
    package func isCurrent(_ generation: Generation) -> Bool { inFlight == generation }

    /// The refusal that the probe of `generation` is to explain; nil when it was overtaken.
    package func unexplainedRefusal(of generation: Generation) -> TokenEndpointFailure? {
        inFlight == generation ? unexplained?.value : nil
    }

    mutating func learnLifetime(of kept: KeptToken) {
        let lifetime = kept.token.lifetime ?? RefreshPolicy.maximumLifetime
        longestLifetime = max(longestLifetime ?? lifetime, lifetime)
    }

    /// Ends every wait, in the order the callers came.
    mutating func answerWaiters(_ outcome: (Waiter) -> FetchOutcome) -> [Action] {
        let answers = waiters.map { Action.answer($0.id, outcome($0)) }
        waiters = []
        return answers
    }
}

// MARK: The plan

extension TokenSlotMachine {
    /// Withdraws what is over, sends a request that is due, sets the timer for what comes next: the one place where
    /// any of this is decided.
    mutating func plan(_ now: Moment) -> [Action] {
        guard !isRemoved else { return [] }
        var actions: [Action] = []
        if let held, held.isOver(now) {
            self.held = nil
            actions.append(.withdraw)
        }
        var due = attemptDue(now)
        if let attempt = due, attempt <= now.sinceBoot {
            due = nil
            generation = generation.next
            inFlight = generation
            isAttemptWanted = false
            actions.append(.sendTokenRequest(generation))
        }
        let wake = Self.earlier(due, nextChange(now))
        setTimer(wake.map { min($0, now.sinceBoot + Self.longestPlan) }, &actions)
        return actions
    }

    private static func earlier(_ left: Duration?, _ right: Duration?) -> Duration? {
        guard let left, let right else { return left ?? right }
        return min(left, right)
    }

    /// The time since boot at which the next request is due; nil when none is, or one is under way.
    func attemptDue(_ now: Moment) -> Duration? {
        guard inFlight == nil else { return nil }
        let allowed = max(now.sinceBoot, lastAttemptEnd.map { $0 + Backoff.floor } ?? now.sinceBoot)
        if isAttemptWanted { return allowed }
        guard let wish = attemptWish(now) else { return nil }
        guard let failure else { return max(wish, allowed) }
        return failure.nextAttemptAt.map { max(wish, allowed, $0) }
    }

    /// The time since boot at which a request would be useful, whatever the server may bear.
    private func attemptWish(_ now: Moment) -> Duration? {
        if !waiters.isEmpty { return now.sinceBoot }
        guard isWarm(now) else { return nil }
        if failure != nil { return now.sinceBoot }
        guard let held, held.isUsable(minTTL: nil, now) else {
            // A token of this server is over before the next caller comes: each asks for its own.
            if let longestLifetime, longestLifetime <= HeldToken.longestUncached { return nil }
            return nothingNewBefore ?? now.sinceBoot
        }
        guard let due = held.refreshDue(now) else { return nil }
        return max(due, nothingNewBefore ?? due)
    }

    /// The time since boot at which what the held token is good for changes next.
    private func nextChange(_ now: Moment) -> Duration? {
        guard let held, let servingEnd = held.servingEnd(now) else { return nil }
        if servingEnd + Self.instant > now.sinceBoot { return servingEnd + Self.instant }
        // Less than others need still serves who needs little.
        let end = held.time(whenLeft: HeldToken.leastRemaining, now).map { $0 + Self.instant }
        return end.flatMap { $0 > now.sinceBoot ? $0 : nil }
    }

    private mutating func setTimer(_ wake: Duration?, _ actions: inout [Action]) {
        guard wake != timer else { return }
        timer = wake
        actions.append(wake.map { .setTimer(at: $0) } ?? .cancelTimer)
    }

    /// Whether the timer's time came without its being reported.
    func isTimerLate(_ now: Moment) -> Bool { timer.map { $0 <= now.sinceBoot } ?? false }
}
