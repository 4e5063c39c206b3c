import TokenLifecycle
import TestSupport

/// A promise that a walk found broken.
struct BrokenPromise: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Drives a server's queue at random and keeps its own account of what may start.
struct ServerQueueWalk {
    private var queue: ServerQueue
    private var random: SeededGenerator
    private let concurrent: Int
    private let rate: Int

    private var now: Duration = .seconds(10)
    private var timer: Duration?
    private var running: Set<Int> = []
    /// When each that waits dies, counted from when it came.
    private var waiting: [Int: Duration] = [:]
    private var starts: [Duration] = []
    private var pausedUntil: Duration = .zero

    private(set) var enqueuedCount = 0
    private(set) var startedCount = 0
    private(set) var withdrawnCount = 0
    private(set) var refusedCount = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        concurrent = 1 + random.below(10)
        rate = 1 + random.below(30)
        queue = ServerQueue(concurrent: concurrent, requestsPerSecond: Double(rate))
    }

    mutating func step() throws {
        switch random.below(10) {
        case 0...2:
            enqueuedCount += 1
            let death: Duration? = random.once(in: 3) ? nil : now + .milliseconds(random.below(20_000) - 2_000)
            waiting[enqueuedCount] = max(death ?? now, now)
            try perform(queue.enqueued(PlaceID(UInt64(enqueuedCount)), deathAt: death, now: now))
        case 3...6:
            guard let id = running.min() else { return try pass(.milliseconds(random.below(40))) }
            try finish(id, retryAfter: random.once(in: 400) ? .seconds(random.below(5)) : nil)
        case 7 where random.once(in: 20):
            guard let id = waiting.keys.min() else { return }
            waiting[id] = nil
            withdrawnCount += 1
            queue.withdrawn(PlaceID(UInt64(id)))
        default:
            try pass(.milliseconds(random.below(120)))
        }
        try check()
    }

    /// Nothing comes any more: all that wait must have their turn.
    mutating func drain() throws {
        var turns = 0
        while !waiting.isEmpty || !running.isEmpty {
            turns += 1
            guard turns < 100_000 else { throw BrokenPromise("\(waiting.count) wait for ever") }
            if let id = running.min() { try finish(id, retryAfter: nil) }
            if let timer { try pass(max(.zero, timer - now)) }
            try check()
        }
        guard queue.isIdle else { throw BrokenPromise("not idle with nothing to do") }
    }

    private mutating func finish(_ id: Int, retryAfter: Duration?) throws {
        running.remove(id)
        if let retryAfter { pausedUntil = max(pausedUntil, now + retryAfter) }
        try perform(queue.finished(PlaceID(UInt64(id)), retryAfter: retryAfter, now: now))
    }

    private mutating func pass(_ duration: Duration) throws {
        now += duration
        guard let due = timer, due <= now else { return }
        timer = nil
        try perform(queue.timerFired(now: now))
    }

    private mutating func perform(_ actions: [ServerQueueAction]) throws {
        for action in actions {
            switch action {
            case .setTimer(let at): timer = at
            case .cancelTimer: timer = nil
            case .start(let id): try start(Int(id.number))
            case .refuse(let id, let until):
                guard waiting.removeValue(forKey: Int(id.number)) != nil, until == pausedUntil,
                    until - now > .seconds(1)
                else {
                    throw BrokenPromise("\(id.number) was refused for nothing")
                }
                refusedCount += 1
            }
        }
    }

    private mutating func start(_ id: Int) throws {
        guard let death = waiting.removeValue(forKey: id) else {
            throw BrokenPromise("\(id) started, but did not wait")
        }
        guard waiting.values.allSatisfy({ $0 >= death }) else { throw BrokenPromise("\(id) overtook an earlier death") }
        guard now >= pausedUntil else { throw BrokenPromise("started during a pause") }
        running.insert(id)
        starts.append(now)
        startedCount += 1
        guard running.count <= concurrent else { throw BrokenPromise("\(running.count) at once") }
        let lately = starts.suffix(rate + 1)
        guard lately.count <= rate || lately.last! - lately.first! > .seconds(1) else {
            throw BrokenPromise("\(rate + 1) starts in \(lately.last! - lately.first!)")
        }
        let inAnInstant = starts.suffix(concurrent + 1).filter { $0 == now }
        guard inAnInstant.count <= concurrent else { throw BrokenPromise("a burst of \(inAnInstant.count)") }
    }

    /// Who waits is waiting for something that will happen.
    private func check() throws {
        guard queue.waitingCount == waiting.count, queue.runningCount == running.count else {
            throw BrokenPromise("counts \(queue.waitingCount) waiting, \(queue.runningCount) running")
        }
        guard !waiting.isEmpty, running.count < min(concurrent, rate) else { return }
        guard let timer else { throw BrokenPromise("\(waiting.count) wait, there is room, and no timer is set") }
        guard timer <= max(pausedUntil, now + .seconds(2)) else { throw BrokenPromise("the timer is too late") }
    }
}
