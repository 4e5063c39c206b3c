import OAuth2
import TokenLifecycle

/// Sees what happens to a slot and what its machine does, and holds it to the promises; it knows nothing of how the
/// machine decides.
struct SlotWitness {
    private struct Waiting {
        let minTTL: Duration?
    }

    /// Two attempts are never closer, whoever asks.
    private static let floor = Duration.seconds(1)

    /// The longest that a caller may stay waiting with nothing under way: the longest Retry-After, or the longest pause
    /// after a refused configuration with its jitter.
    private static let longestPause = Duration.seconds(3_600) * 1.2

    private(set) var inFlight: Generation?
    private(set) var sentAt: Moment?
    private(set) var published: KeptToken?
    private(set) var timer: Duration?

    private var boot: BootID
    private var latest = Generation(0)
    private var lastStart: Duration?
    private var lastEnd: Duration?
    private var waiting: [WaiterID: Waiting] = [:]
    private var isRemoved = false
    private var isReplaced = false

    /// The age of a published token of an earlier boot when this life began, and when that was.
    private var inherited: (token: KeptToken, age: Duration, since: Duration)?

    /// How often something interesting happened, so that a walk that sees nothing is known as such.
    private(set) var requests = 0
    private(set) var publications = 0
    private(set) var tokensOut = 0
    private(set) var failuresOut = 0

    init(boot: BootID, kept: KeptToken?, now: Moment) {
        self.boot = boot
        published = kept
        guard let kept, kept.token.receipt.boot != boot else { return }
        inherited = (kept, now.sinceEpoch - kept.token.receipt.moment.sinceEpoch, now.sinceBoot)
    }

    var waiters: [WaiterID] { waiting.keys.sorted { $0.number < $1.number } }

    // MARK: What happened

    mutating func asked(_ waiter: WaiterID, minTTL: Duration?) { waiting[waiter] = Waiting(minTTL: minTTL) }

    mutating func left(_ waiter: WaiterID) { waiting[waiter] = nil }

    mutating func requestEnded(now: Moment, with token: AccessToken? = nil) {
        inFlight = nil
        lastEnd = now.sinceBoot
        // The server's newest word counts, even when it is too short to keep.
        isReplaced = token.map(isTooShortToKeep) ?? false
    }

    /// A request that is under way when the configuration breaks is not waited for.
    mutating func configurationBroken(now: Moment) { if inFlight != nil { requestEnded(now: now) } }

    mutating func timerFired() { timer = nil }

    mutating func removed() {
        isRemoved = true
        inFlight = nil
    }

    // MARK: What the machine did

    mutating func saw(_ actions: [Action], now: Moment) throws(BrokenPromise) {
        for action in actions { try see(action, now) }
        isReplaced = false
    }

    private mutating func see(_ action: Action, _ now: Moment) throws(BrokenPromise) {
        switch action {
        case .sendTokenRequest(let generation):
            try expect(!isRemoved, "a removed slot asks")
            try expect(inFlight == nil, "two requests are in flight")
            try expect(generation > latest, "a generation comes again")
            try expect(lastEnd.map { now.sinceBoot - $0 >= Self.floor } ?? true, "an attempt within the floor")
            try expect(lastStart.map { now.sinceBoot - $0 >= Self.floor } ?? true, "two attempts within the floor")
            (inFlight, latest, lastStart, sentAt) = (generation, generation, now.sinceBoot, now)
            requests += 1
        case .publish(let kept):
            try expect(remaining(kept, now) > .zero, "a token is published after its end")
            published = kept
            inherited = nil
            publications += 1
        case .withdraw:
            let left = published.map { remaining($0, now) } ?? .zero
            try expect(isRemoved || isReplaced || left < .seconds(1), "a token is withdrawn with \(left) left")
            published = nil
        case .answer(let waiter, let outcome):
            guard let waited = waiting.removeValue(forKey: waiter) else {
                throw BrokenPromise("\(waiter) is answered twice, or did not ask")
            }
            try check(outcome, waited, now)
        case .setTimer(let time):
            try expect(time >= now.sinceBoot, "a timer is set in the past")
            timer = time
        case .cancelTimer:
            timer = nil
        case .recordLastAsked, .discardedStaleAnswer:
            break
        }
    }

    private mutating func check(_ outcome: FetchOutcome, _ waited: Waiting, _ now: Moment) throws(BrokenPromise) {
        switch outcome {
        case .token(let token):
            let left = remaining(KeptToken(token: token, refreshAge: nil), now)
            let need = waited.minTTL ?? (isTooShortToKeep(token) ? .zero : defaultMinTTL(token))
            try expect(left >= need, "a token with \(left) left for a caller that needs \(need)")
            tokensOut += 1
        case .failure(.removed):
            try expect(isRemoved, "a caller is told of a removal that was not")
        case .failure:
            failuresOut += 1
        }
    }

    /// What must hold whenever the machine is at rest.
    func atRest(_ machine: TokenSlotMachine, minTTL: Duration?, now: Moment) throws(BrokenPromise) {
        let usable = machine.usableToken(minTTL: minTTL, now: now)
        if let token = usable {
            try expect(token == published?.token, "a token is served that was not published")
        }
        let should = published.map { isUsable($0, minTTL, now) } ?? false
        try expect((usable != nil) == should, "usable: \(usable != nil), and ought to be: \(should)")
        try expect(!isRemoved || waiting.isEmpty, "callers of a removed slot wait")
        guard !waiting.isEmpty, inFlight == nil else { return }
        guard let timer else { throw BrokenPromise("callers wait for nothing") }
        try expect(timer - now.sinceBoot <= Self.longestPause, "callers wait for \(timer - now.sinceBoot)")
        try expect(machine.report(now: now).waiters == waiting.count, "the machine counts other waiters")
    }

    // MARK: The token's life, reckoned anew

    /// What is left by the clocks that count; a token without an end has ten years.
    private func remaining(_ kept: KeptToken, _ now: Moment) -> Duration {
        guard let lifetime = kept.token.lifetime else { return .seconds(315_360_000) }
        let receipt = kept.token.receipt
        let byWall = now.sinceEpoch - receipt.moment.sinceEpoch
        if receipt.boot != boot {
            guard let inherited, inherited.token.token.value == kept.token.value else { return lifetime - byWall }
            return lifetime - max(byWall, inherited.age + now.sinceBoot - inherited.since)
        }
        let byBoot = now.sinceBoot - receipt.moment.sinceBoot
        return lifetime - (byWall - byBoot > .seconds(30) ? byWall : byBoot)
    }

    private func isUsable(_ kept: KeptToken, _ minTTL: Duration?, _ now: Moment) -> Bool {
        guard kept.token.lifetime != nil else { return true }
        guard !isTooShortToKeep(kept.token) else { return false }
        return remaining(kept, now) >= max(minTTL ?? defaultMinTTL(kept.token), .seconds(1))
    }

    private func defaultMinTTL(_ token: AccessToken) -> Duration {
        token.lifetime.map { min(.seconds(10), $0 / 10) } ?? .zero
    }

    private func isTooShortToKeep(_ token: AccessToken) -> Bool { token.lifetime.map { $0 <= .seconds(2) } ?? false }

    private func expect(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws(BrokenPromise) {
        if !holds { throw BrokenPromise(otherwise()) }
    }
}
