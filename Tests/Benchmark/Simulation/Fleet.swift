package import OAuth2
internal import TestSupport
package import TokenLifecycle

/// Many slots of one authorization server in virtual time: their machines and the server's queue as they are, and around
/// them clocks, a server and callers.
package struct Fleet {
    private let scenario: Scenario
    private let policy = RefreshPolicy(keepWarm: .always)
    var slots: [SimulatedSlot] = []
    private var queue: ServerQueue
    private var queueTimer = Int.max
    private var server: SimulatedServer
    private var isServerFailing = false
    private var agenda: Agenda
    private var random: SeededGenerator
    private var tokens: UInt64 = 0

    // The clocks. In microseconds since the start, and as the machines see it.
    private var time = 0
    private var now = Self.start
    private var start = Self.start
    private var boot = Self.boot
    private var boots = 1
    private var callInterval: Duration = .zero
    private var nextCall = Int.max
    private var waiters: Set<WaiterID> = []

    /// What was seen since it was last taken away.
    var phase = Phase("", .zero..<(.zero))

    /// How many requests came in each second.
    package private(set) var arrivals: [Int32]

    /// The clocks at the start.
    package static let start = Moment(sinceBoot: .seconds(100_000), sinceEpoch: .seconds(1_800_000_000))

    /// The boot that the simulation starts in.
    package static let boot = BootID("1")

    /// The slots of `scenario` at their start.
    ///
    /// - Parameters:
    ///   - kept: What each has; nil when none has anything.
    ///   - length: How long the simulation goes on.
    package init(_ scenario: Scenario, kept: [KeptToken?]? = nil, length: Duration) throws(BrokenInvariant) {
        self.scenario = scenario
        queue = scenario.queue
        server = SimulatedServer(scenario)
        agenda = Agenda(length: length.microseconds)
        random = SeededGenerator(seed: scenario.seed)
        arrivals = Array(repeating: 0, count: Int(length / .seconds(1)) + 1)
        for slot in 0..<scenario.slots {
            slots.append(SimulatedSlot(machine(kept?[slot], lastAsked: nil)))
            note(kept?[slot], in: slot)
        }
        for slot in slots.indices { try tell(slot) { $0.started(now: $1) } }
    }

    /// Lets each slot be asked for once in `interval`, on average, from now on.
    package mutating func letCallersCome(every interval: Duration) {
        callInterval = interval
        nextCall = time + timeToNextCall()
    }

    private func machine(_ kept: KeptToken?, lastAsked: Receipt?) -> TokenSlotMachine {
        TokenSlotMachine(policy: policy, boot: boot, kept: kept, lastAsked: lastAsked, now: now)
    }

    /// Notes what a slot begins with.
    private mutating func note(_ kept: KeptToken?, in slot: Int) {
        guard let kept, let lifetime = kept.token.lifetime else { return }
        let death = slots[slot].deathAt(now)
        slots[slot].servedUntil = death.map { simulated($0) } ?? time
        slots[slot].tokenEnd = (kept.token.receipt.moment.sinceBoot - start.sinceBoot + lifetime).microseconds
    }

    /// Goes on until `end`, and tells what was seen.
    package mutating func run(_ name: String, until end: Duration) throws(BrokenInvariant) -> Phase {
        phase = Phase(name, .microseconds(time)..<end)
        let limit = end.microseconds
        while true {
            let next = agenda.nextTime() ?? .max
            guard min(next, nextCall) < limit else { break }
            if nextCall <= next {
                advance(to: nextCall)
                try call(random.below(slots.count))
                nextCall += timeToNextCall()
            } else {
                let event = agenda.popNext()
                advance(to: event.time)
                try perform(event)
            }
        }
        advance(to: limit)
        phase.withoutToken = slots.count { $0.servedUntil <= time }
        return phase
    }

    /// The machine restarts and is away for `downtime`; the store keeps what it keeps.
    package mutating func restart(downtime: Duration) throws(BrokenInvariant) {
        let asked = slots.map { $0.machine.lastAsked.map { Receipt(moment: $0, boot: boot) } }
        boots += 1
        boot = BootID("\(boots)")
        // What is on its way arrives all the same.
        agenda.removeAll(but: .arrival)
        time += downtime.microseconds
        start.sinceBoot = Self.sinceBootAtRestart - .microseconds(time)
        advance(to: time)
        (queue, queueTimer) = (scenario.queue, .max)
        (isServerFailing, waiters) = (false, [])
        nextCall = max(nextCall, time)
        for slot in slots.indices {
            slots[slot].machine = machine(slots[slot].machine.kept, lastAsked: asked[slot])
            (slots[slot].timer, slots[slot].generation) = (.max, Generation(0))
        }
        for slot in slots.indices { try tell(slot) { $0.started(now: $1) } }
    }

    /// What a machine takes to get as far as this daemon.
    private static let sinceBootAtRestart: Duration = .seconds(30)

    private mutating func advance(to time: Int) {
        self.time = time
        now = start.advanced(by: .microseconds(time))
    }

    private mutating func perform(_ event: Event) throws(BrokenInvariant) {
        switch event.kind {
        case .arrival:
            slots[event.slot].arrived = time
            slots[event.slot].isAnswered = try server.arrived(at: time)
            arrivals[time / 1_000_000] += 1
            phase.requests += 1
            phase.busiestSecond = max(phase.busiestSecond, server.inLastSecond)
        case .answer:
            try answer(event.slot)
        case .slotTimer:
            guard slots[event.slot].timer == time else { return }
            slots[event.slot].timer = .max
            try tell(event.slot) { $0.timerFired(now: $1) }
        case .queueTimer:
            guard queueTimer == time else { return }
            queueTimer = .max
            try perform(queue.timerFired(now: now.sinceBoot))
        case .patience:
            // Named by when it came.
            let waiter = WaiterID(UInt64(time - scenario.patience.microseconds))
            guard waiters.remove(waiter) != nil else { return }
            phase.failed += 1
            slots[event.slot].machine.callerLeft(waiter)
        case nil: break
        }
    }
}

// MARK: Requests

extension Fleet {
    private mutating func answer(_ slot: Int) throws(BrokenInvariant) {
        let isAnswered = slots[slot].isAnswered && slot >= scenario.failingSlots
        slots[slot].lastEnd = time
        try perform(queue.finished(PlaceID(UInt64(slot)), retryAfter: nil, now: now.sinceBoot))
        let isRecovered = isServerFailing && isAnswered
        isServerFailing = !isAnswered
        if isRecovered {
            for slot in slots.indices { try tell(slot) { $0.serverRecovered(now: $1) } }
        }
        let generation = slots[slot].generation
        guard isAnswered else {
            phase.failedRequests += 1
            let spread = (random.jitter() + 1) / 2
            return try tell(slot) { $0.requestFailed(Self.refused, generation: generation, spread: spread, now: $1) }
        }
        let token = draw(sent: slots[slot].sent)
        try tell(slot) { $0.tokenReceived(token, generation: generation, now: $1) }
    }

    private static let refused = TokenEndpointFailure(
        .transient,
        error: "connection_refused",
        transport: .connectionRefused
    )

    private mutating func draw(sent: Int) -> KeptToken {
        tokens += 1
        return KeptToken(
            token: AccessToken(
                value: Secret(String(tokens)),
                tokenType: "Bearer",
                scope: .none,
                lifetime: scenario.lifetime,
                receipt: Receipt(moment: start.advanced(by: .microseconds(sent)), boot: boot)
            ),
            refreshAge: RefreshPlan.refreshAge(
                lifetime: scenario.lifetime,
                refreshAt: policy.refreshAt,
                jitter: random.jitter()
            ),
            isLifetimeStated: true
        )
    }

    private mutating func perform(_ actions: [ServerQueueAction]) throws(BrokenInvariant) {
        for action in actions {
            switch action {
            case .start(let place):
                try send(Int(place.number))
            case .setTimer(let deadline):
                queueTimer = simulated(deadline)
                agenda.schedule(Event(.queueTimer, at: queueTimer))
            case .cancelTimer:
                queueTimer = .max
            case .refuse:
                throw BrokenInvariant("a request was refused, and the server asked for no pause", at: time)
            }
        }
    }

    private mutating func send(_ slot: Int) throws(BrokenInvariant) {
        guard time - slots[slot].lastEnd >= 1_000_000 else {
            throw BrokenInvariant("slot \(slot) asks again within a second", at: time)
        }
        phase.queueing.note(microseconds: time - slots[slot].wanted)
        slots[slot].sent = time
        let latency = scenario.latency.lowerBound.microseconds
        let way = latency + random.below(scenario.latency.upperBound.microseconds - latency)
        agenda.schedule(Event(.arrival, slot: slot, at: time + random.below(way)))
        agenda.schedule(Event(.answer, slot: slot, at: time + way))
    }

    /// A time since boot as the simulation counts, rounded up to its grain.
    private func simulated(_ sinceBoot: Duration) -> Int { max(time, (sinceBoot - start.sinceBoot).microseconds) }
}

// MARK: Slots

extension Fleet {
    private mutating func tell(
        _ slot: Int,
        _ event: (inout TokenSlotMachine, Moment) -> [Action]
    ) throws(BrokenInvariant) {
        for action in event(&slots[slot].machine, now) {
            switch action {
            case .sendTokenRequest(let generation):
                slots[slot].generation = generation
                slots[slot].wanted = time
                let due = slots[slot].turnDue(now)
                try perform(queue.enqueued(PlaceID(UInt64(slot)), deathAt: due, now: now.sinceBoot))
            case .publish:
                published(slot)
            case .setTimer(let deadline):
                slots[slot].timer = simulated(deadline)
                agenda.schedule(Event(.slotTimer, slot: slot, at: slots[slot].timer))
            case .cancelTimer:
                slots[slot].timer = .max
            case .answer(let waiter, let outcome):
                waiters.remove(waiter)
                if case .token = outcome { phase.waited += 1 } else { phase.failed += 1 }
            case .withdraw, .recordLastAsked: break
            case .sendProbe, .discardedStaleAnswer:
                throw BrokenInvariant("slot \(slot) wants \(action)", at: time)
            }
        }
    }

    private mutating func published(_ slot: Int) {
        if slots[slot].servedUntil < time {
            phase.gaps.note(microseconds: time - slots[slot].servedUntil)
            phase.gapsEnd = .microseconds(time)
        }
        slots[slot].servedUntil = slots[slot].deathAt(now).map { simulated($0) } ?? time
        slots[slot].tokenEnd = slots[slot].arrived + scenario.lifetime.microseconds
    }

    private mutating func call(_ slot: Int) throws(BrokenInvariant) {
        guard slots[slot].isUsable(now) else {
            guard time >= slots[slot].servedUntil else {
                throw BrokenInvariant("a caller of slot \(slot) waits, and its token is good", at: time)
            }
            let waiter = WaiterID(UInt64(time))
            waiters.insert(waiter)
            agenda.schedule(Event(.patience, slot: slot, at: time + scenario.patience.microseconds))
            return try tell(slot) { $0.callerAsked(waiter, minTTL: nil, now: $1) }
        }
        guard time < slots[slot].tokenEnd else {
            throw BrokenInvariant("a caller of slot \(slot) gets an expired token", at: time)
        }
        phase.served += 1
        try tell(slot) { $0.callerServed(now: $1) }
    }

    /// From no time to twice the mean.
    private mutating func timeToNextCall() -> Int {
        1 + random.below(max(1, 2 * callInterval.microseconds / slots.count))
    }
}
