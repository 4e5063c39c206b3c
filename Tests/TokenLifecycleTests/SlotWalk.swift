import OAuth2
import TokenLifecycle

/// A slot's life at random, under the eyes of a witness.
struct SlotWalk {
    private static let lifetimes: [Int?] = [nil, 0, 1, 2, 3, 5, 20, 60, 300, 3_600, 86_400, 4_000_000_000]
    private static let minTTLs: [Duration?] = [
        nil, nil, nil, .zero, .seconds(1), .seconds(30), .seconds(600), .seconds(3_500),
    ]
    private static let failures = [refused, badGateway, html, invalidClient, loginNeeded]
    private static let policies = [
        RefreshPolicy(),
        RefreshPolicy(keepWarm: .always),
        RefreshPolicy(refreshAt: 0.3, keepWarm: .during(.seconds(90))),
        RefreshPolicy(refreshAt: 0.9, keepWarm: .never, defaultLifetime: .never),
        RefreshPolicy(keepWarm: .always, defaultLifetime: .duration(.seconds(40))),
    ]

    private var random: SeededGenerator
    private var policy: RefreshPolicy
    private var machine: TokenSlotMachine
    private(set) var witness: SlotWitness
    private var now = SlotInTime.start
    private var boot = SlotInTime.boot
    private var boots = 0
    private var nextWaiter: UInt64 = 0
    private var nextToken = 0
    private var stale: [Generation] = []
    private var lastToken: AccessToken?

    /// The latest events, for whoever reads of a broken promise.
    private(set) var history: [String] = []

    /// What the witnesses of all lives saw together.
    private(set) var seen = (requests: 0, publications: 0, tokensOut: 0, failuresOut: 0)

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        policy = random.pick(Self.policies)
        machine = TokenSlotMachine(policy: policy, boot: boot, kept: nil, lastAsked: nil, now: now)
        witness = SlotWitness(boot: boot, kept: nil, now: now)
    }

    mutating func begin() throws(BrokenPromise) { try witness.saw(machine.started(now: now), now: now) }

    mutating func step() throws(BrokenPromise) {
        switch random.below(100) {
        case ..<30: try letTimePass()
        case ..<48: try ask()
        case ..<52: serve()
        case ..<56: leave()
        case ..<84: try endRequest()
        case ..<86: try answerLate()
        case ..<88: try act("operator") { $0.operatorAskedForRefresh(waiter: nil, now: $1) }
        case ..<89: try askForRefresh()
        case ..<91: try breakConfiguration()
        case ..<93: try act("configuration changed") { $0.configurationChanged(now: $1) }
        case ..<95: try act("server recovered") { $0.serverRecovered(now: $1) }
        case ..<97: try setWallClock()
        case ..<99: try restart()
        default: try remove()
        }
        try witness.atRest(machine, minTTL: random.pick(Self.minTTLs), now: now)
    }

    // MARK: Events

    private mutating func act(
        _ event: String,
        _ body: (inout TokenSlotMachine, Moment) -> [Action]
    ) throws(BrokenPromise) {
        let actions = body(&machine, now)
        history.append("\(seconds(now.sinceBoot)) \(event): \(actions)")
        if history.count > 12 { history.removeFirst() }
        try witness.saw(actions, now: now)
    }

    /// A shell fires a timer at its time or a little later, and never lets one pass by.
    private mutating func letTimePass() throws(BrokenPromise) {
        let distance = exactly(pow2() * (Double(random.below(1_000)) + 1) / 1_000)
        if let timer = witness.timer, timer <= now.sinceBoot + distance || random.once(in: 2) {
            let lateness = random.once(in: 4) ? exactly(Double(random.below(3_000)) / 1_000) : .zero
            now = now.advanced(by: max(.zero, timer - now.sinceBoot) + lateness)
            witness.timerFired()
            try act("timer") { $0.timerFired(now: $1) }
            if let next = witness.timer, next <= now.sinceBoot {
                throw BrokenPromise("a timer fires without end")
            }
        } else {
            now = now.advanced(by: distance)
        }
    }

    /// From a second to some nine hours, the short ones as often as the long.
    private mutating func pow2() -> Double { Double(1 << random.below(16)) }

    private mutating func ask() throws(BrokenPromise) {
        nextWaiter += 1
        let waiter = WaiterID(nextWaiter)
        let minTTL = random.pick(Self.minTTLs)
        let hadToken = machine.usableToken(minTTL: minTTL, now: now) != nil
        witness.asked(waiter, minTTL: minTTL)
        try act("asked \(nextWaiter) \(minTTL.map(seconds) ?? -1)") {
            $0.callerAsked(waiter, minTTL: minTTL, now: $1)
        }
        if hadToken, witness.waiters.contains(waiter) {
            throw BrokenPromise("a caller waits though a token would do")
        }
    }

    private mutating func serve() {
        guard machine.usableToken(minTTL: nil, now: now) != nil else { return }
        try? act("served") { $0.callerServed(now: $1) }
    }

    private mutating func leave() {
        guard let waiter = witness.waiters.first else { return }
        machine.callerLeft(waiter)
        witness.left(waiter)
    }

    private mutating func endRequest() throws(BrokenPromise) {
        guard let generation = witness.inFlight else { return }
        if random.once(in: 3) {
            var failure = random.pick(Self.failures)
            if random.once(in: 3) { failure.retryAfter = .seconds(random.below(10_000)) }
            let spread = abs(random.jitter())
            witness.requestEnded(now: now)
            try act("failed \(failure.failureClass)") {
                $0.requestFailed(failure, generation: generation, spread: spread, now: $1)
            }
        } else {
            let kept = answer()
            lastToken = kept.token
            witness.requestEnded(now: now, with: kept.token)
            try act("received \(kept.token.lifetime.map(seconds) ?? -1)") {
                $0.tokenReceived(kept, generation: generation, now: $1)
            }
        }
        stale.append(generation)
    }

    /// A new token, or the one before with what is left of it, with as much as before, or with nothing said.
    private mutating func answer() -> KeptToken {
        var stated = random.pick(Self.lifetimes)
        var value = lastToken?.value
        if value == nil || !random.once(in: 4) {
            nextToken += 1
            value = Secret("token \(nextToken)")
        } else if let last = lastToken, let lifetime = last.lifetime, random.once(in: 2) {
            stated = Int((lifetime - (now.sinceBoot - last.receipt.moment.sinceBoot)).components.seconds)
        }
        let lifetime = policy.lifetime(stated: stated.map { .seconds($0) })
        let token = AccessToken(
            value: value ?? Secret(""),
            tokenType: "Bearer",
            scope: .none,
            lifetime: lifetime,
            receipt: Receipt(moment: witness.sentAt ?? now, boot: boot)
        )
        let age = RefreshPlan.refreshAge(lifetime: lifetime, refreshAt: policy.refreshAt, jitter: random.jitter())
        return KeptToken(token: token, refreshAge: age)
    }

    /// An answer that was overtaken changes nothing.
    private mutating func answerLate() throws(BrokenPromise) {
        guard let generation = stale.popLast(), generation != witness.inFlight else { return }
        let kept = answer()
        let actions = machine.tokenReceived(kept, generation: generation, now: now)
        guard actions == [.discardedStaleAnswer(generation)] else {
            throw BrokenPromise("a stale answer counts: \(actions)")
        }
    }

    private mutating func askForRefresh() throws(BrokenPromise) {
        nextWaiter += 1
        let waiter = WaiterID(nextWaiter)
        witness.asked(waiter, minTTL: nil)
        try act("operator \(nextWaiter)") { $0.operatorAskedForRefresh(waiter: waiter, now: $1) }
    }

    private mutating func breakConfiguration() throws(BrokenPromise) {
        let spread = abs(random.jitter())
        witness.configurationBroken(now: now)
        try act("broken") { $0.configurationBroken(secretUnreadable, spread: spread, now: $1) }
    }

    private mutating func setWallClock() throws(BrokenPromise) {
        now.sinceEpoch += .seconds(random.pick([-86_400, -31, -5, 5, 29, 31, 300, 86_400]))
        try act("wall clock set") { $0.clockChanged(now: $1) }
    }

    /// The daemon or the machine starts anew, from what was kept.
    private mutating func restart() throws(BrokenPromise) {
        let kept = machine.kept
        let lastAsked = machine.lastAsked.map { Receipt(moment: $0, boot: boot) }
        if random.once(in: 3) {
            boots += 1
            boot = BootID("boot \(boots)")
            let off = Duration.seconds(random.pick([-4_000, 20, 20, 20, 500, 90_000]))
            now = Moment(sinceBoot: .seconds(10), sinceEpoch: now.sinceEpoch + off)
        }
        try live(kept: kept, lastAsked: lastAsked)
    }

    private mutating func remove() throws(BrokenPromise) {
        witness.removed()
        try act("removed") { machine, _ in machine.removed() }
        try witness.atRest(machine, minTTL: nil, now: now)
        policy = random.pick(Self.policies)
        try live(kept: nil, lastAsked: nil)
    }

    private mutating func live(kept: KeptToken?, lastAsked: Receipt?) throws(BrokenPromise) {
        seen.requests += witness.requests
        seen.publications += witness.publications
        seen.tokensOut += witness.tokensOut
        seen.failuresOut += witness.failuresOut
        stale = []
        machine = TokenSlotMachine(policy: policy, boot: boot, kept: kept, lastAsked: lastAsked, now: now)
        // What the shell renders at the start is what the machine took over.
        witness = SlotWitness(boot: boot, kept: machine.kept, now: now)
        try act("started") { $0.started(now: $1) }
    }
}
