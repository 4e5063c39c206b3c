import OAuth2
import TokenLifecycle

/// A slot's machine and the clocks that a test moves by hand.
struct SlotInTime {
    static let boot = BootID("first boot")
    static let earlierBoot = BootID("earlier boot")
    static let start = Moment(sinceBoot: .seconds(100_000), sinceEpoch: .seconds(1_700_000_000))

    var machine: TokenSlotMachine
    var now: Moment = SlotInTime.start

    init(
        _ policy: RefreshPolicy = RefreshPolicy(),
        kept: KeptToken? = nil,
        lastAsked: Moment? = nil,
        lastAskedBoot: BootID = SlotInTime.boot
    ) {
        machine = TokenSlotMachine(
            policy: policy,
            boot: Self.boot,
            kept: kept,
            lastAsked: lastAsked.map { Receipt(moment: $0, boot: lastAskedBoot) },
            now: Self.start
        )
    }

    /// A slot that a caller asked for and that got `kept` at once; time stands still for it.
    static func holding(_ kept: KeptToken, _ policy: RefreshPolicy = RefreshPolicy()) -> SlotInTime {
        var slot = SlotInTime(policy)
        _ = slot.start()
        _ = slot.ask(1_000)
        _ = slot.receive(kept, 1)
        return slot
    }

    // MARK: Time

    mutating func pass(_ duration: Duration) { now = now.advanced(by: duration) }

    /// Both clocks go to this many seconds after the start.
    mutating func goTo(_ seconds: Double) { now = Self.start.advanced(by: exactly(seconds)) }

    /// The wall clock alone is set forward, or back.
    mutating func setWallClock(by duration: Duration) { now.sinceEpoch += duration }

    // MARK: Events

    mutating func start() -> [Action] { machine.started(now: now) }

    mutating func ask(_ waiter: UInt64, minTTL: Duration? = nil) -> [Action] {
        machine.callerAsked(WaiterID(waiter), minTTL: minTTL, now: now)
    }

    mutating func serve() -> [Action] { machine.callerServed(now: now) }

    mutating func receive(_ kept: KeptToken, _ generation: UInt64) -> [Action] {
        machine.tokenReceived(kept, generation: Generation(generation), now: now)
    }

    mutating func fail(_ failure: TokenEndpointFailure, _ generation: UInt64, spread: Double = 0) -> [Action] {
        machine.requestFailed(failure, generation: Generation(generation), spread: spread, now: now)
    }

    mutating func endProbe(_ finding: ProbeFinding, _ generation: UInt64) -> [Action] {
        machine.probeEnded(finding, generation: Generation(generation), spread: 0, now: now)
    }

    mutating func fireTimer() -> [Action] { machine.timerFired(now: now) }

    mutating func breakConfiguration() -> [Action] {
        machine.configurationBroken(secretUnreadable, spread: 0, now: now)
    }

    mutating func refresh(_ waiter: UInt64? = nil) -> [Action] {
        machine.operatorAskedForRefresh(waiter: waiter.map { WaiterID($0) }, now: now)
    }

    mutating func reject(_ value: String, mayForce: Bool = true) -> (outcome: RejectionOutcome, actions: [Action]) {
        machine.tokenRejected(Secret(value), mayForce: mayForce, now: now)
    }

    // MARK: What there is

    func usable(_ minTTL: Duration? = nil) -> AccessToken? { machine.usableToken(minTTL: minTTL, now: now) }

    var report: SlotReport { machine.report(now: now) }

    /// The next attempt, in seconds after the start.
    var nextAttempt: Double? {
        report.nextAttemptAt.map { seconds($0 - Self.start.sinceEpoch) }
    }

    /// When callers notice, in seconds after the start.
    var death: Double? {
        report.diesAt.map { seconds($0 - Self.start.sinceEpoch) }
    }
}

/// A token whose request was sent at `sent`, to be refreshed at three quarters of its lifetime.
func kept(
    _ value: String,
    lifetime: Duration? = .seconds(3_600),
    sent: Moment = SlotInTime.start,
    boot: BootID = SlotInTime.boot
) -> KeptToken {
    KeptToken(
        token: AccessToken(
            value: Secret(value),
            tokenType: "Bearer",
            scope: .none,
            lifetime: lifetime,
            receipt: Receipt(moment: sent, boot: boot)
        ),
        refreshAge: RefreshPlan.refreshAge(lifetime: lifetime, refreshAt: 0.75, jitter: 0)
    )
}

func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
}

/// A time since boot, in seconds after the start.
func time(_ seconds: Double) -> Duration { SlotInTime.start.sinceBoot + exactly(seconds) }

/// Whole milliseconds, without what binary fractions add.
func exactly(_ seconds: Double) -> Duration { .milliseconds(Int64((seconds * 1_000).rounded())) }

/// What a server that is down does.
let refused = TokenEndpointFailure(.transient, error: "connection_refused", transport: .connectionRefused)
let badGateway = TokenEndpointFailure(.unknown, error: "server_error", serverStatus: 502)
let html = TokenEndpointFailure(.protocol, error: "unreadable", serverStatus: 200)
let invalidClient = TokenEndpointFailure(.configuration, error: "invalid_client", serverStatus: 401)
let secretUnreadable = TokenEndpointFailure(.configuration, error: "secret_unreadable")
let loginNeeded = TokenEndpointFailure(.loginRequired, error: "interaction_required", serverStatus: 400)

extension [Action] {
    /// The outcomes alone.
    var answers: [Action] { filter { if case .answer = $0 { true } else { false } } }

    /// The requests alone.
    var requests: [Action] { filter { if case .sendTokenRequest = $0 { true } else { false } } }
}

extension Action {
    static func answer(_ waiter: UInt64, _ kept: KeptToken) -> Action {
        .answer(WaiterID(waiter), .token(kept.token))
    }

    static func answer(_ waiter: UInt64, _ failure: FetchFailure) -> Action {
        .answer(WaiterID(waiter), .failure(failure))
    }

    static func send(_ generation: UInt64) -> Action { .sendTokenRequest(Generation(generation)) }

    static func timer(_ seconds: Double) -> Action { .setTimer(at: time(seconds)) }
}
