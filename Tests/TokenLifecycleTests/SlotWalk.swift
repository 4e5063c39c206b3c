import OAuth2
import TokenLifecycle
import TestSupport

/// Drives one slot's machine at random, over restarts, and holds it against its books.
struct SlotWalk {
    private static let minute: Duration = .seconds(60)
    private static let keepWarms: [KeepWarm] = [.always, .never, .during(.seconds(86_400)), .during(.seconds(300))]
    private static let defaults: [DefaultLifetime] = [.duration(.seconds(1_800)), .duration(.seconds(20)), .never]
    /// In seconds; none is a default, for a server that repeats its token tells 0 from nothing by that alone.
    private static let lifetimes = [1, 2, 3, 5, 12, 30, 61, 299, 3_600, 86_399, 7 * 86_400]

    var random: SeededGenerator
    private let policy: RefreshPolicy
    private var boot = SlotInTime.boot
    var machine: TokenSlotMachine
    var books: SlotBooks
    var now = SlotInTime.start

    /// Requests that were sent and not answered, the overtaken too.
    private var open: [(generation: Generation, sent: Moment)] = []
    /// What the store has.
    private var stored: BookedToken?
    private var isServerWell = true
    private var count: UInt64 = 0
    private var lately: [String] = []

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        policy = RefreshPolicy(
            keepWarm: random.pick(Self.keepWarms),
            defaultLifetime: random.pick(Self.defaults)
        )
        machine = TokenSlotMachine(policy: policy, boot: boot, kept: nil, lastAsked: nil, now: now)
        books = SlotBooks(policy: policy, now: now, stored: nil, taking: nil, lastAsked: nil, tally: WalkTally())
    }

    /// What it met.
    var tally: WalkTally { books.tally }

    /// Whether the slot is ever refreshed ahead.
    var isKeptWarm: Bool { policy.keepWarm != .never }

    /// What happened last, for who looks into a broken promise.
    var trace: String { lately.suffix(12).joined(separator: "\n") }

    mutating func start() throws { try tell("started") { $0.started(now: $1) } }

    mutating func step() throws {
        if random.once(in: 100) { isServerWell.toggle() }
        switch random.below(100) {
        case 0..<18: try ask()
        case 18..<24: try serve()
        case 24..<28: leave()
        case 28..<42: try receive()
        case 42..<54: try isServerWell ? receive() : fail()
        case 54..<57: try answerLate()
        case 57..<60: try refresh()
        case 60..<62: try breakConfiguration()
        case 62..<64: try changeConfiguration()
        case 64..<67: try tell("server recovered") { $0.serverRecovered(now: $1) }
        case 67..<69: try setWallClock()
        case 69: try random.once(in: 3) ? remove() : restart()
        case 70..<85: try fireTimer(isLate: random.once(in: 4))
        case 85: try fireNow("fired for nothing")
        case 86..<92: try report()
        default: pass(random.once(in: 10) ? .seconds(random.below(10_000)) : .milliseconds(random.below(3_000)))
        }
        if books.isRemoved, random.once(in: 6) { try restart() }
        try check()
    }

    /// Nothing more comes but what is under way: all that wait must hear.
    mutating func drain() throws {
        var turns = 0
        while !books.waiting.isEmpty {
            turns += 1
            guard turns < 60 else { throw BrokenPromise("\(books.waiting.count) wait for ever") }
            if books.inFlight == nil {
                try fireTimer(isLate: false)
            } else {
                try random.once(in: 2) ? fail() : receive()
            }
            try check()
        }
    }

    // MARK: Callers

    private mutating func ask() throws {
        count += 1
        let (id, minTTL) = (WaiterID(count), drawMinTTL())
        let served = books.published.flatMap { $0.serves(minTTL, now) ? $0.kept.token : nil }
        books.callerCame(id, minTTL: minTTL)
        let actions = try tell("\(count) asked for \(minTTL, default: "-")") {
            $0.callerAsked(id, minTTL: minTTL, now: $1)
        }
        if let served, !actions.contains(.answer(id, .token(served))) {
            throw BrokenPromise("\(count) was not served at once")
        }
    }

    private mutating func serve() throws {
        guard let published = books.published, published.serves(nil, now) else { return }
        books.lastAsked = now
        try tell("served") { $0.callerServed(now: $1) }
    }

    private mutating func leave() {
        guard !books.waiting.isEmpty else { return }
        let gone = books.waiting.remove(at: random.below(books.waiting.count))
        note("\(gone.id.number) left")
        machine.callerLeft(gone.id)
    }

    private mutating func refresh() throws {
        count += 1
        let id = random.once(in: 2) ? WaiterID(count) : nil
        let wasRemoved = books.isRemoved
        books.operatorCame(id)
        if let id, wasRemoved {
            let actions = machine.operatorAskedForRefresh(waiter: id, now: now)
            guard actions == [.answer(id, .failure(.removed))] else { throw BrokenPromise("not told of the removal") }
            return
        }
        try tell("operator \(id.map { "\($0.number)" } ?? "-")") { $0.operatorAskedForRefresh(waiter: id, now: $1) }
    }

    private mutating func drawMinTTL() -> Duration? {
        switch random.below(6) {
        case 0...2: nil
        case 3: .seconds(random.pick([0, 1, 2, 15, 100_000_000]))
        default: books.published?.lifetime.map { $0 * random.below(161) / 100 } ?? .seconds(random.below(4_000))
        }
    }

    // MARK: Answers

    private mutating func receive() throws {
        guard let request = takeCurrent() else { return }
        guard !isProbed(request.generation) else { return try endProbe(request.generation) }
        let token = drawToken(sent: request.sent)
        books.requestEnded()
        note("received \(token.kept.token.value.exposed()), \(token.lifetime, default: "for ever")")
        let actions = machine.tokenReceived(token.kept, generation: request.generation, now: now)
        try books.took(actions, arriving: token)
        // It was stored before it was told of, however brief.
        if books.lastTaken?.kept == token.kept { stored = token }
    }

    private mutating func fail() throws {
        guard let request = takeCurrent() else { return }
        guard !isProbed(request.generation) else { return try endProbe(request.generation) }
        let failure = drawFailure()
        guard failure.failureClass != .unexplainedRefusal else {
            open.append(request)
            try tell("refused without a reason") {
                $0.requestFailed(failure, generation: request.generation, spread: 0, now: $1)
            }
            return
        }
        books.requestEnded()
        books.failed(Self.kind(failure.failureClass), retryAfter: failure.retryAfter)
        let spread = drawSpread()
        try tell("failed: \(failure.failureClass) \(failure.retryAfter, default: "-")") {
            $0.requestFailed(failure, generation: request.generation, spread: spread, now: $1)
        }
    }

    private func isProbed(_ generation: Generation) -> Bool { books.probed == generation }

    private mutating func endProbe(_ generation: Generation) throws {
        let finding = random.pick(ProbeFinding.allCases)
        books.requestEnded()
        books.failed(finding == .sameAnswer ? .loginRequired : .misconfigured)
        let spread = drawSpread()
        try tell("probe ended: \(finding)") {
            $0.probeEnded(finding, generation: generation, spread: spread, now: $1)
        }
    }

    /// An answer to a request that was overtaken, or to none.
    private mutating func answerLate() throws {
        var generation = Generation(count + 1_000_000)
        if let overtaken = open.firstIndex(where: { $0.generation != books.inFlight }) {
            generation = open.remove(at: overtaken).generation
        }
        note("late answer \(generation.number)")
        let actions =
            random.once(in: 2)
            ? machine.tokenReceived(drawToken(sent: now).kept, generation: generation, now: now)
            : machine.requestFailed(drawFailure(), generation: generation, spread: 0, now: now)
        guard actions == [.discardedStaleAnswer(generation)] else { throw BrokenPromise("took a stale answer") }
        books.tally.stale += 1
    }

    private mutating func takeCurrent() -> (generation: Generation, sent: Moment)? {
        open.firstIndex { $0.generation == books.inFlight }.map { open.remove(at: $0) }
    }

    private mutating func drawSpread() -> Double { (random.jitter() + 1) / 2 }

    private mutating func drawFailure() -> TokenEndpointFailure {
        let retryAfter: Duration? = random.once(in: 3) ? .seconds(random.pick([0, 1, 7, 90, 100_000])) : nil
        return TokenEndpointFailure(random.pick(FailureClass.allCases), error: "drawn", retryAfter: retryAfter)
    }

    private static func kind(_ failureClass: FailureClass) -> SlotBooks.Failure.Kind {
        switch failureClass {
        case .transient, .unknown, .protocol: .passing
        case .configuration, .endpointMisconfigured, .dpopNonceRequired, .unexplainedRefusal: .misconfigured
        case .halted: .halted
        case .loginRequired, .authorizationPending, .slowDown, .expiredDeviceCode: .loginRequired
        }
    }

    private mutating func drawToken(sent: Moment) -> BookedToken {
        if let last = books.lastTaken, random.once(in: 3), let again = repeated(last, sent: sent) { return again }
        count += 1
        let isUnstated = random.once(in: 5)
        let lifetime = isUnstated ? defaultLifetime : .seconds(random.pick(Self.lifetimes))
        var token = BookedToken(
            kept: keep("token \(count)", lifetime, sent, isStated: !isUnstated),
            lifetime: lifetime,
            sent: sent
        )
        token.isUnstated = isUnstated
        return token
    }

    /// The same token, with what is left of it in whole seconds; in its last second that is 0, which counts as missing.
    private mutating func repeated(_ last: BookedToken, sent: Moment) -> BookedToken? {
        guard last.takenOver == nil else { return nil }
        // Of one that comes from the store nobody knows who said how long it lives.
        guard last.isUnstated || last.kept.isLifetimeStated != nil || last.lifetime != defaultLifetime else {
            return nil
        }
        let value = last.kept.token.value.exposed()
        var left = defaultLifetime
        var (lifetime, birth) = (left, sent)
        if !last.isUnstated {
            guard let all = last.lifetime else { return nil }
            let whole = (all - (sent.sinceBoot - last.sent.sinceBoot)).components.seconds
            if whole >= 1 {
                (left, lifetime) = (.seconds(whole), .seconds(whole))
            } else {
                (lifetime, birth) = (all, last.sent)
            }
        }
        let isStated = !last.isUnstated && birth == sent
        var token = BookedToken(kept: keep(value, left, sent, isStated: isStated), lifetime: lifetime, sent: birth)
        token.isUnstated = last.isUnstated
        token.isRepeated = true
        return token
    }

    private var defaultLifetime: Duration? {
        if case .duration(let lifetime) = policy.defaultLifetime { lifetime } else { nil }
    }

    /// With an age that was drawn just so: the machine has no way of knowing how.
    private mutating func keep(_ value: String, _ lifetime: Duration?, _ sent: Moment, isStated: Bool) -> KeptToken {
        let token = AccessToken(
            value: Secret(value),
            tokenType: "Bearer",
            scope: .none,
            lifetime: lifetime,
            receipt: Receipt(moment: sent, boot: boot)
        )
        let share = 50 + random.below(900)
        return KeptToken(
            token: token,
            refreshAge: random.once(in: 50) ? nil : lifetime.map { $0 * share / 1_000 },
            isLifetimeStated: isStated
        )
    }

    // MARK: The operator and the machine's surroundings

    private mutating func breakConfiguration() throws {
        if !books.isRemoved, books.inFlight == nil {
            (books.isExcused, books.isReported) = (false, false)
            books.failed(.misconfigured)
        }
        let spread = drawSpread()
        try tell("configuration broken") { $0.configurationBroken(secretUnreadable, spread: spread, now: $1) }
    }

    private mutating func changeConfiguration() throws {
        books.configurationChanged()
        try tell("configuration changed") { $0.configurationChanged(now: $1) }
    }

    private mutating func setWallClock() throws {
        let jump = random.pick([-40_000, -100, -20, 10, 29, 31, 100, 40_000])
        now.sinceEpoch += .seconds(jump)
        books.now = now
        note("wall clock set by \(jump) s")
        if random.once(in: 2) { try tell("clock changed") { $0.clockChanged(now: $1) } }
    }

    private mutating func remove() throws {
        books.removed()
        try tell("removed") { machine, _ in machine.removed() }
    }

    /// Another process, in this boot or the next, begins with what was stored.
    private mutating func restart() throws {
        let storedIn = boot
        let asked = books.recordedLastAsked
        if random.once(in: 3) {
            count += 1
            boot = BootID("boot \(count)")
            let wall = random.once(in: 5) ? .seconds(1_000_000_000) : now.sinceEpoch + .seconds(random.below(500))
            now = Moment(sinceBoot: .seconds(random.below(100)), sinceEpoch: wall)
        } else {
            pass(.milliseconds(random.once(in: 2) ? random.below(400) : random.below(60_000)))
        }
        let isNext = boot != storedIn
        note(isNext ? "rebooted" : "restarted")
        stored?.kept.isLifetimeStated = nil
        let taking = stored.flatMap { takeOver($0) }
        let since = isNext ? asked.map { now.sinceEpoch - $0.sinceEpoch } : asked.map { now.sinceBoot - $0.sinceBoot }
        machine = TokenSlotMachine(
            policy: policy,
            boot: boot,
            kept: stored?.kept,
            lastAsked: asked.map { Receipt(moment: $0, boot: storedIn) },
            now: now
        )
        var tally = books.tally
        tally.restarts += 1
        books = SlotBooks(
            policy: policy,
            now: now,
            stored: stored,
            taking: taking,
            lastAsked: since.map { now.advanced(by: .zero - max($0, .zero)) },
            tally: tally
        )
        stored = taking ?? stored
        open = []
        try start()
    }

    /// Nil when its age cannot be known: the wall clock is before its receipt.
    private func takeOver(_ token: BookedToken) -> BookedToken? {
        guard token.kept.token.receipt.boot != boot else { return token }
        let age = now.sinceEpoch - token.sent.sinceEpoch
        guard age >= .zero else { return nil }
        var taken = token
        taken.takenOver = (now.sinceBoot, age)
        return taken
    }

    // MARK: Time

    private mutating func pass(_ time: Duration) {
        now = now.advanced(by: time)
        books.now = now
        note("\(time) passed")
    }

    private mutating func fireTimer(isLate: Bool) throws {
        guard let timer = books.timer else { return }
        pass(max(.zero, timer - now.sinceBoot) + (isLate ? .milliseconds(random.below(5_000)) : .zero))
        try fireNow("timer fired")
    }

    private mutating func fireNow(_ what: String) throws {
        books.timer = nil
        try tell(what) { $0.timerFired(now: $1) }
    }

    // MARK: Telling and checking

    @discardableResult
    private mutating func tell(
        _ what: String,
        _ event: (inout TokenSlotMachine, Moment) -> [Action]
    ) throws -> [Action] {
        note(what)
        let actions = event(&machine, now)
        try books.took(actions)
        return actions
    }

    private mutating func check() throws {
        if let sent = books.inFlight, !open.contains(where: { $0.generation == sent }) { open.append((sent, now)) }
        try books.check(machine, minTTL: drawMinTTL())
    }

    mutating func note(_ what: String) {
        lately.append("\(now.sinceBoot): \(what)")
        if lately.count > 400 { lately.removeFirst(300) }
    }
}
