import OAuth2
import TestSupport
import TokenLifecycle

/// Many slots of one authorization server in virtual time: machines, the server's queue, and a server that answers.
struct Fleet {
    /// What happens next, and to whom.
    private enum Event {
        case timer(slot: Int)
        case queueTimer
        case answer(slot: Int, Generation, sent: Moment)
        case call(slot: Int)
    }

    /// How the server answers.
    struct Server {
        var lifetime: Duration
        var latency: Duration = .milliseconds(200)

        /// When it is away.
        var outage: Range<Duration> = .zero..<(.zero)
    }

    private let server: Server
    private var machines: [TokenSlotMachine] = []
    private var generations: [Generation] = []
    private var queue: ServerQueue<Int>
    private var random: SeededGenerator
    private var now = SlotInTime.start
    private var waiting: [WaiterID: Int] = [:]
    private var lastWaiter: UInt64 = 0

    /// The latest first, so that the next is taken off cheaply.
    private var events: [(at: Duration, number: UInt64, event: Event)] = []
    private var lastEvent: UInt64 = 0
    private var timers: [Int: Duration] = [:]
    private var queueTimer: Duration?

    /// When each request reached the server, since the start.
    private(set) var arrivals: [Duration] = []

    /// Callers that got no token at once, since the start.
    private(set) var misses: [Duration] = []

    /// Callers that were told of a failure.
    private(set) var failures = 0
    private(set) var calls = 0

    init(slots kept: [KeptToken?], server: Server, concurrent: Int = 8, requestsPerSecond: Double = 20, seed: UInt64) {
        self.server = server
        random = SeededGenerator(seed: seed)
        queue = ServerQueue(concurrent: concurrent, requestsPerSecond: requestsPerSecond)
        for kept in kept {
            machines.append(
                TokenSlotMachine(
                    policy: RefreshPolicy(keepWarm: .always),
                    boot: SlotInTime.boot,
                    kept: kept,
                    lastAsked: nil,
                    now: now
                )
            )
        }
        generations = Array(repeating: Generation(0), count: machines.count)
        for slot in machines.indices { tell(slot) { $0.started(now: $1) } }
    }

    /// Lets every slot be asked for once in `interval`, from `time` on, for as long as the fleet runs.
    mutating func letCallersCome(every interval: Duration, from time: Duration) {
        for slot in machines.indices {
            schedule(.call(slot: slot), at: time + interval * Double(slot) / Double(machines.count))
        }
        callInterval = interval
    }

    private var callInterval: Duration = .seconds(1)

    /// Goes on until `time` after the start.
    mutating func run(until time: Duration) {
        while let next = events.last, next.at <= time {
            events.removeLast()
            now = SlotInTime.start.advanced(by: next.at)
            perform(next.event, at: next.at)
        }
    }

    /// How many slots serve now.
    var serving: Int { machines.count { $0.usableToken(minTTL: nil, now: now) != nil } }

    /// The most requests in any one second.
    var busiestSecond: Int {
        let arrivals = arrivals.sorted()
        var most = 0
        var first = 0
        for last in arrivals.indices {
            while arrivals[last] - arrivals[first] >= .seconds(1) { first += 1 }
            most = max(most, last - first + 1)
        }
        return most
    }

    // MARK: Events

    private mutating func perform(_ event: Event, at time: Duration) {
        switch event {
        case .timer(let slot):
            guard timers[slot] == time else { return }
            timers[slot] = nil
            tell(slot) { $0.timerFired(now: $1) }
        case .queueTimer:
            guard queueTimer == time else { return }
            queueTimer = nil
            perform(queue.timerFired(now: now.sinceBoot))
        case .answer(let slot, let generation, let sent):
            answer(slot, generation, sent)
        case .call(let slot):
            call(slot)
            schedule(.call(slot: slot), at: time + callInterval)
        }
    }

    private mutating func answer(_ slot: Int, _ generation: Generation, _ sent: Moment) {
        perform(queue.finished(slot, retryAfter: nil, now: now.sinceBoot))
        if server.outage.contains(now.sinceBoot - SlotInTime.start.sinceBoot) {
            let spread = (random.jitter() + 1) / 2
            tell(slot) { $0.requestFailed(refused, generation: generation, spread: spread, now: $1) }
        } else {
            let token = draw(sent)
            tell(slot) { $0.tokenReceived(token, generation: generation, now: $1) }
        }
    }

    private mutating func draw(_ sent: Moment) -> KeptToken {
        lastWaiter += 1
        var token = kept("\(lastWaiter)", lifetime: server.lifetime, sent: sent)
        token.refreshAge = RefreshPlan.refreshAge(lifetime: server.lifetime, refreshAt: 0.75, jitter: random.jitter())
        return token
    }

    private mutating func call(_ slot: Int) {
        calls += 1
        if machines[slot].usableToken(minTTL: nil, now: now) != nil {
            tell(slot) { $0.callerServed(now: $1) }
        } else {
            misses.append(now.sinceBoot - SlotInTime.start.sinceBoot)
            lastWaiter += 1
            let waiter = WaiterID(lastWaiter)
            tell(slot) { $0.callerAsked(waiter, minTTL: nil, now: $1) }
        }
    }

    private mutating func tell(_ slot: Int, _ event: (inout TokenSlotMachine, Moment) -> [Action]) {
        for action in event(&machines[slot], now) {
            switch action {
            case .sendTokenRequest(let generation):
                generations[slot] = generation
                let death = machines[slot].report(now: now).diesAt.map { now.sinceBoot + $0 - now.sinceEpoch }
                perform(queue.enqueued(slot, deathAt: death, now: now.sinceBoot))
            case .setTimer(let deadline):
                timers[slot] = deadline - SlotInTime.start.sinceBoot
                schedule(.timer(slot: slot), at: deadline - SlotInTime.start.sinceBoot)
            case .cancelTimer:
                timers[slot] = nil
            case .answer(_, .failure):
                failures += 1
            case .answer, .publish, .withdraw, .recordLastAsked, .discardedStaleAnswer, .sendProbe:
                break
            }
        }
    }

    private mutating func perform(_ actions: [ServerQueueAction<Int>]) {
        for action in actions {
            switch action {
            case .start(let slot):
                // Somewhere on the way between the start and the answer.
                let way = server.latency * (random.jitter() + 1) / 2
                arrivals.append(now.sinceBoot - SlotInTime.start.sinceBoot + way)
                let event = Event.answer(slot: slot, generations[slot], sent: now)
                schedule(event, at: now.sinceBoot - SlotInTime.start.sinceBoot + server.latency)
            case .setTimer(let deadline):
                queueTimer = deadline - SlotInTime.start.sinceBoot
                schedule(.queueTimer, at: deadline - SlotInTime.start.sinceBoot)
            case .cancelTimer:
                queueTimer = nil
            case .refuse:
                failures += 1
            }
        }
    }

    private mutating func schedule(_ event: Event, at time: Duration) {
        lastEvent += 1
        let entry = (at: max(time, now.sinceBoot - SlotInTime.start.sinceBoot), number: lastEvent, event: event)
        var range = events.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range =
                (events[middle].at, events[middle].number) > (entry.at, entry.number)
                ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        events.insert(entry, at: range.lowerBound)
    }
}
