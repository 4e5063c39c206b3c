import OAuth2
import TokenLifecycle

/// An independent account of one slot, kept without a look at how it decides, that a machine's actions are held against.
struct SlotBooks {
    /// A caller that was not answered yet.
    struct Waiting {
        let id: WaiterID
        let minTTL: Duration?
        let isOperator: Bool
    }

    /// What the latest attempt met.
    struct Failure {
        enum Kind { case passing, misconfigured, halted, loginRequired }

        /// Nil when the books cannot tell.
        var kind: Kind?

        /// The server's Retry-After.
        var leaveAloneUntil: Duration?

        /// Whether a changed configuration may mend it.
        var isMisconfigured: Bool { kind == .misconfigured || kind == .halted }
    }

    /// Longer than any token lives.
    private static let endless: Duration = .seconds(1 << 40)

    let policy: RefreshPolicy
    var now: Moment
    var published: BookedToken?
    var lastTaken: BookedToken?
    var longestLifetime: Duration?
    var waiting: [Waiting] = []
    var inFlight: Generation?
    var timer: Duration?
    var failure: Failure?
    var lastAsked: Moment?
    var isRemoved = false

    /// Whether a person's act calls for an attempt, whatever else holds.
    var isExcused = false

    /// Whether a report of a refused token calls for an attempt, as far as the server may bear it.
    var isReported = false

    /// What callers reported of tokens.
    var reports = Reports()

    /// What the store was told of demand last.
    private(set) var recordedLastAsked: Moment?

    /// The request whose refusal is being probed, or the last that was.
    private(set) var probed: Generation?
    private var latestGeneration = Generation(0)
    private var lastAttempt: Duration?
    /// Whether the request under way is sent for a min_ttl alone, and when the last such brought a token.
    private var isForced = false
    private var lastForced: Duration?

    /// How much of each kind the walk met, so that a walk that shows nothing is seen.
    var tally: WalkTally

    /// The books of a machine that begins with `stored`, and may serve it where it is also `taking` it.
    init(
        policy: RefreshPolicy,
        now: Moment,
        stored: BookedToken?,
        taking: BookedToken?,
        lastAsked: Moment?,
        tally: WalkTally
    ) {
        self.policy = policy
        self.now = now
        self.lastAsked = lastAsked
        self.tally = tally
        published = taking
        lastTaken = taking
        if let stored { longestLifetime = stored.lifetime ?? Self.endless }
    }

    var isWarm: Bool {
        switch policy.keepWarm {
        case .always: true
        case .never: false
        case .during(let time): lastAsked.map { now.sinceBoot - $0.sinceBoot < time } ?? false
        }
    }

    // MARK: Events

    mutating func callerCame(_ id: WaiterID, minTTL: Duration?) {
        lastAsked = now
        waiting.append(Waiting(id: id, minTTL: minTTL, isOperator: false))
    }

    mutating func operatorCame(_ id: WaiterID?) {
        guard !isRemoved else { return }
        if inFlight == nil { isExcused = true }
        if let id { waiting.append(Waiting(id: id, minTTL: nil, isOperator: true)) }
    }

    mutating func configurationChanged() {
        guard !isRemoved else { return }
        if inFlight != nil || failure?.isMisconfigured ?? false { isExcused = true }
        if failure?.isMisconfigured ?? false { failure = nil }
    }

    mutating func requestEnded() {
        inFlight = nil
        lastAttempt = now.sinceBoot
    }

    mutating func failed(_ kind: Failure.Kind?, retryAfter: Duration? = nil) {
        let patience = retryAfter.map { now.sinceBoot + min($0, .seconds(3_600)) }
        failure = Failure(kind: kind, leaveAloneUntil: patience)
        tally.failures += 1
    }

    mutating func removed() {
        isRemoved = true
        inFlight = nil
        failure = nil
    }

    /// What a machine did when `arriving` came.
    mutating func took(_ actions: [Action], arriving: BookedToken) throws {
        let isGood = arriving.isWorthTaking(now)
        if isGood {
            if isForced { lastForced = now.sinceBoot }
            isExcused = false
            failure = nil
            lastTaken = arriving
            reports.tokenCame(arriving.kept.token.value)
            longestLifetime = max(longestLifetime ?? .zero, arriving.lifetime ?? Self.endless)
            tally.taken += 1
            if arriving.isRepeated { tally.repeated += 1 }
        } else {
            if arriving.isCalledZero { tally.calledZero += 1 }
            tally.expiredOnArrival += 1
            // One in its last second may be waited out or counted as a failure.
            failed(arriving.isCalledZero ? nil : .passing)
        }
        let isToBePublished = isGood && !arriving.isBrief
        let wasPublished = actions.contains(.publish(arriving.kept))
        guard wasPublished == isToBePublished else {
            throw BrokenPromise(isGood ? "a good token was not published" : "a token that is over was published")
        }
        let waited = Set(waiting.map(\.id))
        try perform(actions, arriving: isGood ? arriving : nil)
        guard !isGood || waiting.allSatisfy({ !waited.contains($0.id) }) else {
            throw BrokenPromise("a token came and \(waiting.count) wait on")
        }
    }

    /// What a machine did at any other event.
    mutating func took(_ actions: [Action]) throws { try perform(actions, arriving: nil) }
}

// MARK: Actions

extension SlotBooks {
    private mutating func perform(_ actions: [Action], arriving: BookedToken?) throws {
        for action in actions {
            switch action {
            case .sendTokenRequest(let generation): try send(generation)
            case .sendProbe(let generation):
                guard generation == inFlight, probed != generation else { throw BrokenPromise("a probe for nothing") }
                probed = generation
                tally.probed += 1
            case .publish(let kept):
                guard let arriving, arriving.kept == kept else { throw BrokenPromise("published what did not come") }
                published = arriving
            case .withdraw:
                guard let gone = published else { throw BrokenPromise("withdrew nothing") }
                guard isRemoved || !gone.serves(.zero, now) || arriving?.isBrief ?? false else {
                    throw BrokenPromise("withdrew a token with \(gone.life(now), default: "no end") left")
                }
                published = nil
                tally.withdrawn += 1
            case .answer(let id, let outcome): try answer(id, outcome, arriving)
            case .setTimer(let time):
                guard !isRemoved, time > now.sinceBoot, time <= now.sinceBoot + .seconds(86_400) else {
                    throw BrokenPromise("a timer in \(time - now.sinceBoot)\(isRemoved ? " after removal" : "")")
                }
                timer = time
            case .cancelTimer: timer = nil
            case .recordLastAsked(let moment):
                guard moment == now else { throw BrokenPromise("recorded demand at another time") }
                recordedLastAsked = moment
            case .discardedStaleAnswer(let generation):
                throw BrokenPromise("discarded \(generation), which is current")
            }
        }
    }

    private mutating func send(_ generation: Generation) throws {
        guard !isRemoved else { throw BrokenPromise("a request after removal") }
        guard inFlight == nil else { throw BrokenPromise("two requests in flight") }
        guard generation > latestGeneration else { throw BrokenPromise("a generation was used twice") }
        if let lastAttempt, now.sinceBoot - lastAttempt < .seconds(1) {
            throw BrokenPromise("two attempts within \(now.sinceBoot - lastAttempt)")
        }
        isForced = false
        if !isExcused { try requireReason() }
        isReported = false
        inFlight = generation
        latestGeneration = generation
        lastAttempt = now.sinceBoot
        isExcused = false
        tally.sent += 1
    }

    private mutating func requireReason() throws {
        if failure?.kind == .loginRequired { throw BrokenPromise("asked though a person must log in") }
        if failure?.kind == .halted { throw BrokenPromise("asked though more of the same does harm") }
        if let until = failure?.leaveAloneUntil, now.sinceBoot < until {
            throw BrokenPromise("asked before Retry-After was over")
        }
        guard !isReported else { return tally.sentOnReport += 1 }
        guard waiting.isEmpty else { return try requireLeaveToForce() }
        guard isWarm else { throw BrokenPromise("asked for nobody") }
        guard failure == nil, let published, published.serves(nil, now) else { return }
        let isNearItsEnd = published.life(now).map { $0 <= published.need(nil) } ?? false
        let isPlanned = published.plannedRefresh.map { now.sinceBoot >= $0 } ?? false
        guard isNearItsEnd || isPlanned || published.lead(now) > .seconds(30) else {
            throw BrokenPromise("refreshed before the time that was drawn")
        }
        tally.refreshedAhead += 1
    }

    /// A caller's min_ttl makes the server give another token, in place of one that serves, but seldom.
    private mutating func requireLeaveToForce() throws {
        guard failure == nil, let published, published.serves(nil, now), published.lead(now) <= .seconds(30) else {
            return
        }
        isForced = !(published.plannedRefresh.map { now.sinceBoot >= $0 } ?? false)
        guard isForced else { return }
        tally.forced += 1
        if let lastForced, let lifetime = published.lifetime, now.sinceBoot - lastForced < lifetime / 10 {
            throw BrokenPromise("forced twice within \(now.sinceBoot - lastForced)")
        }
    }

    private mutating func answer(_ id: WaiterID, _ outcome: FetchOutcome, _ arriving: BookedToken?) throws {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else {
            throw BrokenPromise("\(id.number) was answered, but does not wait")
        }
        let waiter = waiting.remove(at: index)
        switch outcome {
        case .token(let token):
            let candidates = waiter.isOperator ? [arriving] : [arriving, published]
            guard let source = candidates.compactMap({ $0 }).first(where: { $0.kept.token == token }) else {
                throw BrokenPromise("\(id.number) got a token that is neither new nor published")
            }
            guard source.isEnough(waiter.minTTL, now) else {
                throw BrokenPromise(
                    "\(id.number) got \(source.life(now), default: "-"), needs \(waiter.minTTL, default: "-")"
                )
            }
            tally.answeredWithToken += 1
        case .failure(let told):
            guard isTrue(told, to: waiter) else { throw BrokenPromise("\(id.number) was told \(told)") }
            tally.answeredWithFailure += 1
        }
    }

    private func isTrue(_ told: FetchFailure, to waiter: Waiting) -> Bool {
        switch told {
        case .removed: isRemoved
        case .minTTLUnmet: waiter.minTTL != nil
        case .temporarilyUnavailable: failure.map { $0.kind ?? .passing == .passing } ?? false
        case .clientMisconfigured: failure.map { $0.kind == nil || $0.isMisconfigured } ?? false
        case .loginRequired: failure.map { $0.kind ?? .loginRequired == .loginRequired } ?? false
        }
    }
}

// MARK: What must hold between events

extension SlotBooks {
    /// Holds `machine` against what stands now; `minTTL` is what a passing caller needs.
    func check(_ machine: TokenSlotMachine, minTTL: Duration?) throws {
        let served = machine.usableToken(minTTL: minTTL, now: now)
        let due = published.flatMap { $0.serves(minTTL, now) ? $0.kept.token : nil }
        guard served == due else {
            throw BrokenPromise(due == nil ? "served what must not be" : "withheld a usable token")
        }
        guard machine.kept == published?.kept else { throw BrokenPromise("the plan was drawn anew") }
        if isRemoved {
            guard waiting.isEmpty, timer == nil else { throw BrokenPromise("removal left something behind") }
            return
        }
        guard inFlight == nil else { return }
        if !waiting.isEmpty, timer == nil { throw BrokenPromise("\(waiting.count) wait for nothing") }
        guard isWarm else { return }
        try checkIsLookedAfter()
        try checkRefreshIsInTime()
    }

    private func checkIsLookedAfter() throws {
        let isForGood = published.map { $0.lifetime == nil } ?? false
        let isBrief = longestLifetime.map { $0 <= .seconds(2) } ?? false
        let isOver = failure?.kind == .loginRequired || failure?.kind == .halted
        guard timer != nil || isOver || isForGood || isBrief else {
            throw BrokenPromise("a slot in use has nothing to look forward to")
        }
    }

    /// A refresh that nothing stands in the way of comes when it was drawn, and no later.
    private func checkRefreshIsInTime() throws {
        guard failure == nil, !isExcused, let published, !published.isRepeated, published.takenOver == nil,
            published.serves(nil, now), published.lead(now) <= .seconds(30), let planned = published.plannedRefresh,
            let lifetime = published.lifetime
        else { return }
        let latest = min(planned, published.birth + lifetime - published.need(nil))
        let allowed = max(latest, lastAttempt.map { $0 + .seconds(1) } ?? latest)
        guard let timer, timer <= allowed else {
            throw BrokenPromise("the refresh will be later than drawn")
        }
    }
}
