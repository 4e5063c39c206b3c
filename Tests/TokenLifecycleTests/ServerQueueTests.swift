import Testing
import TokenLifecycle

@Suite("A server's queue") struct ServerQueueTests {
    private typealias Actions = [ServerQueueAction]

    /// A budget that paces one start every 51 ms, in bursts of two.
    private func queue(concurrent: Int = 2) -> ServerQueue {
        ServerQueue(concurrent: concurrent, requestsPerSecond: 20)
    }

    @Test("starts what the budget bears at once, and the rest as others finish and time passes")
    func budget() {
        var queue = queue()
        #expect(queue.enqueued("a", deathAt: nil, now: .zero) == [.start("a")])
        #expect(queue.enqueued("b", deathAt: nil, now: .zero) == [.start("b")])
        #expect(queue.enqueued("c", deathAt: nil, now: .zero) == [])
        #expect(queue.runningCount == 2 && queue.waitingCount == 1)
        #expect(queue.finished("a", retryAfter: nil, now: .milliseconds(10)) == [.setTimer(at: .milliseconds(102))])
        #expect(queue.timerFired(now: .milliseconds(102)) == [.start("c")])
        #expect(queue.finished("b", retryAfter: nil, now: .seconds(1)) == [])
        #expect(!queue.isIdle)
        #expect(queue.finished("c", retryAfter: nil, now: .seconds(1)) == [])
        #expect(queue.isIdle)
    }

    @Test("takes another budget at once, with what was started under the one before")
    func anotherBudget() {
        var queue = queue(concurrent: 1)
        #expect(queue.enqueued("a", deathAt: nil, now: .zero) == [.start("a")])
        for id: PlaceID in ["b", "c"] { _ = queue.enqueued(id, deathAt: nil, now: .zero) }
        #expect(queue.budgetChanged(concurrent: 2, requestsPerSecond: 2, now: .zero) == [.start("b")])
        // It counts for a second more.
        #expect(queue.finished("a", retryAfter: nil, now: .seconds(1)) == [.setTimer(at: .seconds(2))])
        #expect(queue.timerFired(now: .seconds(2)) == [.start("c")])
        #expect(queue.budgetChanged(concurrent: 1, requestsPerSecond: 20, now: .seconds(9)) == [])
        #expect(queue.enqueued("d", deathAt: nil, now: .seconds(9)) == [])
        #expect(queue.finished("b", retryAfter: nil, now: .seconds(9)) == [])
        #expect(queue.finished("c", retryAfter: nil, now: .seconds(9)) == [.start("d")])
    }

    @Test("counts a request until a second after its end, for it may have arrived as late as that")
    func slowArrivals() {
        var queue = ServerQueue(concurrent: 8, requestsPerSecond: 2)
        #expect(queue.enqueued(1, deathAt: nil, now: .zero) == [.start(1)])
        #expect(queue.enqueued(2, deathAt: nil, now: .zero) == [.start(2)])
        #expect(queue.enqueued(3, deathAt: nil, now: .seconds(2)) == [.setTimer(at: .seconds(4))])
        #expect(queue.finished(2, retryAfter: nil, now: .milliseconds(2_500)) == [.setTimer(at: .milliseconds(3_500))])
        #expect(queue.timerFired(now: .milliseconds(3_500)) == [.start(3)])
    }

    @Test("lets no request that stalls take a slow server from others")
    func stalls() {
        var queue = ServerQueue(concurrent: 8, requestsPerSecond: 1)
        #expect(queue.enqueued(1, deathAt: nil, now: .zero) == [.start(1)])
        #expect(queue.enqueued(2, deathAt: nil, now: .zero) == [.setTimer(at: .seconds(4))])
        #expect(queue.timerFired(now: .seconds(4)) == [.start(2)])
        #expect(queue.finished(2, retryAfter: nil, now: .seconds(4)) == [])
        // The first is stalled still, and counts no more.
        #expect(queue.enqueued(3, deathAt: nil, now: .milliseconds(5_100)) == [.start(3)])
        #expect(queue.finished(1, retryAfter: nil, now: .seconds(30)) == [])
        #expect(queue.runningCount == 1)
    }

    @Test("starts the earliest death first, who is dead already before that, and equals in the order they came")
    func urgency() {
        var queue = queue(concurrent: 1)
        _ = queue.enqueued("running", deathAt: nil, now: .zero)
        _ = queue.enqueued("late", deathAt: .seconds(900), now: .zero)
        _ = queue.enqueued("early", deathAt: .seconds(300), now: .zero)
        _ = queue.enqueued("dead", deathAt: nil, now: .seconds(1))
        _ = queue.enqueued("dead too", deathAt: nil, now: .seconds(1))
        _ = queue.enqueued("long dead", deathAt: .milliseconds(5), now: .seconds(1))
        _ = queue.enqueued("early too", deathAt: .seconds(300), now: .seconds(1))
        var order: [PlaceID] = []
        var running: PlaceID = "running"
        for second in 2...7 {
            for case .start(let id) in queue.finished(running, retryAfter: nil, now: .seconds(second)) {
                order.append(id)
                running = id
            }
        }
        #expect(order == ["dead", "dead too", "long dead", "early", "early too", "late"])
    }

    @Test("lets nobody be overtaken for ever by those who come dead")
    func noStarvation() {
        var queue = queue(concurrent: 1)
        _ = queue.enqueued("running", deathAt: nil, now: .zero)
        _ = queue.enqueued("patient", deathAt: .seconds(3), now: .zero)
        var running: PlaceID = "running"
        var started: [PlaceID] = []
        for second in 1...6 {
            _ = queue.enqueued("dead at \(second)", deathAt: nil, now: .seconds(second))
            _ = queue.enqueued("dead too at \(second)", deathAt: nil, now: .seconds(second))
            for case .start(let id) in queue.finished(running, retryAfter: nil, now: .seconds(second)) {
                started.append(id)
                running = id
            }
        }
        #expect(started.firstIndex(of: "patient") == 4)
    }

    @Test("leaves the server alone while it wants to be, an hour at most, whoever finishes meanwhile, and says so")
    func pause() {
        var queue = queue(concurrent: 2)
        for id: PlaceID in ["a", "b", "c", "d"] { _ = queue.enqueued(id, deathAt: nil, now: .zero) }
        queue.withdrawn("d")
        #expect(
            queue.finished("a", retryAfter: .seconds(30), now: .seconds(1)) == [.refuse("c", until: .seconds(31))]
        )
        #expect(queue.enqueued("e", deathAt: nil, now: .seconds(2)) == [.refuse("e", until: .seconds(31))])
        #expect(queue.finished("b", retryAfter: .seconds(5), now: .seconds(3)) == [])
        #expect(queue.isIdle && queue.pause(now: .seconds(3)) == .seconds(31))
        #expect(queue.enqueued("f", deathAt: nil, now: .seconds(30)) == [.setTimer(at: .seconds(31))])
        #expect(queue.timerFired(now: .seconds(31)) == [.start("f")])
        #expect(queue.pause(now: .seconds(31)) == nil)
        _ = queue.finished("f", retryAfter: .seconds(86_400), now: .seconds(40))
        #expect(queue.enqueued("g", deathAt: nil, now: .seconds(41)) == [.refuse("g", until: .seconds(3_640))])
    }

    @Test("forgets what was withdrawn, and its timer finds nothing to do")
    func withdrawn() {
        var queue = queue(concurrent: 1)
        _ = queue.enqueued("a", deathAt: nil, now: .zero)
        _ = queue.enqueued("b", deathAt: nil, now: .zero)
        #expect(queue.finished("a", retryAfter: nil, now: .zero) == [.setTimer(at: .milliseconds(51))])
        queue.withdrawn("b")
        #expect(queue.isIdle)
        #expect(queue.timerFired(now: .milliseconds(51)) == [])
    }

    @Test("gives the turn of many that were withdrawn to those that wait")
    func manyWithdrawn() {
        var queue = ServerQueue(concurrent: 1, requestsPerSecond: 20)
        for id: UInt64 in 0...100 { _ = queue.enqueued(PlaceID(id), deathAt: nil, now: .zero) }
        for id: UInt64 in 1...99 { queue.withdrawn(PlaceID(id)) }
        #expect(queue.waitingCount == 1 && Array(queue.turns(now: .zero).keys) == [100])
        _ = queue.finished(0, retryAfter: nil, now: .zero)
        #expect(queue.timerFired(now: .seconds(1)) == [.start(100)])
        #expect(queue.finished(100, retryAfter: nil, now: .seconds(1)) == [])
        #expect(queue.isIdle)
    }

    @Test("paces a server that bears less than one start a second, or was given no sensible budget")
    func slowServers() {
        var slow = ServerQueue(concurrent: 8, requestsPerSecond: 0.5)
        #expect(slow.enqueued("a", deathAt: nil, now: .zero) == [.start("a")])
        #expect(slow.enqueued("b", deathAt: nil, now: .zero) == [.setTimer(at: .seconds(5))])
        #expect(slow.finished("a", retryAfter: nil, now: .milliseconds(10)) == [.setTimer(at: .milliseconds(2_040))])
        #expect(slow.timerFired(now: .milliseconds(2_040)) == [.start("b")])
        var odd = ServerQueue(concurrent: 0, requestsPerSecond: -1)
        #expect(odd.enqueued("a", deathAt: nil, now: .zero) == [.start("a")])
        #expect(odd.enqueued("b", deathAt: nil, now: .zero) == [])
        #expect(odd.finished("a", retryAfter: nil, now: .zero) == [.setTimer(at: .seconds(1_020))])
    }

    @Test(
        "walked at random stays within its budget, in urgent order, and loses nobody",
        arguments: [1, 2, 3, 4] as [UInt64]
    )
    func walk(seed: UInt64) throws {
        var walk = ServerQueueWalk(seed: seed)
        for _ in 0..<10_000 { try walk.step() }
        try walk.drain()
        #expect(walk.startedCount == walk.enqueuedCount - walk.withdrawnCount - walk.refusedCount)
        #expect(walk.refusedCount > 10)
        #expect(walk.startedCount > 1_000)
    }
}

/// Places with names that a reader tells apart.
extension PlaceID: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral {
    /// A place with a name of its own.
    public init(stringLiteral name: String) { self.init(name.utf8.reduce(0) { $0 &* 257 &+ UInt64($1) }) }

    /// The place with this number.
    public init(integerLiteral number: UInt64) { self.init(number) }
}
