import OAuth2
import Synchronization
import Testing

@testable import Broker

/// What one server is asked, by a manual clock and without a wire.
@Suite struct ServerBudgetTests {
    private static let origin = "https://as.example"

    /// Budgets with a note of who was started, in order.
    private final class Rig: Sendable {
        let clock = ManualClock()
        let deadlines = Deadlines()
        let budgets: ServerBudgets
        private let refusals = Mutex<[String]>([])
        private let places = Mutex<[(name: String, place: ServerBudgets.Place)]>([])

        init(_ configured: [String: ServerBudget] = [:]) {
            budgets = ServerBudgets(
                time: TimeSource(boot: .init("1"), now: { [clock] in clock.now() }),
                deadlines: deadlines
            )
            budgets.configure(configured)
        }

        static func slot(_ name: String) -> TokenSlotID {
            TokenSlotID(client: ClientName(name.replacing(" ", with: "-"))!, target: TokenTarget())
        }

        var started: [String] { places.withLock { $0.map(\.name) } }

        func enqueue(_ name: String, origin: String = ServerBudgetTests.origin, deathIn: Duration? = nil) {
            let deathAt = deathIn.map { clock.now().sinceBoot + $0 }
            _ = budgets.enqueue(
                Self.slot(name),
                origin: origin,
                deathAt: deathAt,
                start: { place in self.places.withLock { $0.append((name, place)) } },
                refuse: { wait in self.refusals.withLock { $0.append("\(name) for \(wait.components.seconds) s") } }
            )
        }

        func finish(_ name: String, retryAfter: Duration? = nil) {
            guard let place = places.withLock({ $0.first { $0.name == name } })?.place else { return }
            budgets.finished(place, retryAfter: retryAfter)
        }

        var refused: [String] { refusals.withLock { $0 } }

        var turnsFromNow: [String: Duration] {
            let now = clock.now().sinceBoot
            return Dictionary(uniqueKeysWithValues: budgets.turns().map { ($0.key.client.value, $0.value - now) })
        }

        func advance(by duration: Duration) {
            let end = clock.now().sinceBoot + duration
            while let next = deadlines.next, next <= end {
                clock.setSinceBoot(max(next, clock.now().sinceBoot))
                deadlines.fire(now: clock.now().sinceBoot)
            }
            clock.setSinceBoot(end)
        }
    }

    private static func rig(_ concurrent: Int, _ rate: Double = 10_000) -> Rig {
        Rig([origin: ServerBudget(requestsPerSecond: rate, concurrent: concurrent)])
    }

    @Test func `no more are under way than the budget allows`() {
        let rig = Self.rig(2)
        for name in ["a", "b", "c", "d"] { rig.enqueue(name) }
        #expect(rig.started == ["a", "b"])
        #expect(rig.budgets.reports().map { [$0.inFlight, $0.waiting] } == [[2, 2]])
        rig.finish("b")
        rig.advance(by: .seconds(1))
        #expect(rig.started == ["a", "b", "c"])
    }

    @Test func `who is noticed first is asked for first`() {
        let rig = Self.rig(1)
        rig.enqueue("first")
        rig.enqueue("in an hour", deathIn: .seconds(3_600))
        rig.enqueue("in a minute", deathIn: .seconds(60))
        rig.enqueue("dead")
        rig.enqueue("dead too")
        for name in ["first", "dead", "dead too", "in a minute"] {
            rig.finish(name)
            rig.advance(by: .seconds(1))
        }
        #expect(rig.started == ["first", "dead", "dead too", "in a minute", "in an hour"])
    }

    @Test func `no second holds more starts than the rate`() {
        let rig = Self.rig(100, 5)
        for number in 0..<20 { rig.enqueue("\(number)") }
        var counts = [rig.started.count]
        for _ in 0..<10 {
            for name in rig.started { rig.finish(name) }
            rig.advance(by: .seconds(1))
            counts.append(rig.started.count)
        }
        let inASecond = zip(counts.dropFirst(), counts).map { $0.0 - $0.1 }
        #expect(counts[0] <= 5)
        #expect(inASecond.allSatisfy { $0 <= 5 })
        #expect(rig.started.count == 20)
    }

    @Test func `Retry-After pauses the server, and no other`() {
        let rig = Self.rig(4)
        rig.enqueue("a")
        rig.finish("a", retryAfter: .seconds(30))
        rig.enqueue("b")
        rig.enqueue("elsewhere", origin: "https://other.example")
        rig.advance(by: .seconds(28))
        rig.enqueue("c")
        #expect(rig.refused == ["b for 30 s", "c for 2 s"])
        #expect(rig.started == ["a", "elsewhere"])
        // Not worth the noise.
        rig.advance(by: .seconds(1))
        rig.enqueue("d")
        rig.advance(by: .milliseconds(999))
        #expect(rig.started == ["a", "elsewhere"])
        rig.advance(by: .milliseconds(1))
        #expect(rig.started == ["a", "elsewhere", "d"])
    }

    @Test func `who waits when a pause begins is told of it`() {
        let rig = Self.rig(1)
        for name in ["a", "b", "c"] { rig.enqueue(name) }
        rig.finish("a", retryAfter: .seconds(30))
        #expect(rig.refused == ["b for 30 s", "c for 30 s"])
        #expect(rig.budgets.reports().map { [$0.inFlight, $0.waiting] } == [[0, 0]])
        #expect(rig.budgets.reports().first?.pause == .seconds(30))
    }

    @Test func `who waits is told its turn: after the pause, at the server's pace, the most urgent first`() {
        let rig = Self.rig(1, 10)
        rig.enqueue("a")
        rig.enqueue("late", deathIn: .seconds(60))
        rig.enqueue("dead")
        #expect(rig.turnsFromNow == ["dead": .milliseconds(102), "late": .milliseconds(204)])
        rig.finish("a", retryAfter: .seconds(1))
        #expect(rig.turnsFromNow == ["dead": .seconds(1), "late": .milliseconds(1_102)])
        rig.advance(by: .seconds(1))
        #expect(rig.turnsFromNow == ["late": .milliseconds(102)])
    }

    @Test func `a changed budget holds at once, even while the server is being asked`() {
        let rig = Self.rig(1)
        for name in ["a", "b", "c"] { rig.enqueue(name) }
        rig.budgets.configure([Self.origin: ServerBudget(requestsPerSecond: 10_000, concurrent: 3)])
        rig.advance(by: .seconds(1))
        #expect(rig.started == ["a", "b", "c"])
        rig.budgets.configure([Self.origin: ServerBudget(requestsPerSecond: 10_000, concurrent: 1)])
        rig.enqueue("d")
        rig.finish("a")
        rig.advance(by: .seconds(1))
        #expect(rig.started == ["a", "b", "c"])
        rig.finish("b")
        rig.finish("c")
        rig.advance(by: .seconds(1))
        #expect(rig.started == ["a", "b", "c", "d"])
    }

    @Test func `a budget that is configured no more gives way to the standard one`() {
        let rig = Self.rig(1)
        rig.enqueue("a")
        rig.finish("a")
        rig.budgets.configure([:])
        rig.advance(by: .seconds(1))
        for name in ["b", "c"] { rig.enqueue(name) }
        #expect(rig.started == ["a", "b", "c"])
    }

    @Test func `a reload does not make the broker forget that a server wants to be left alone`() {
        let rig = Self.rig(1)
        rig.enqueue("a")
        rig.finish("a", retryAfter: .seconds(30))
        rig.budgets.configure([Self.origin: ServerBudget(requestsPerSecond: 10, concurrent: 2)])
        rig.enqueue("b")
        #expect(rig.started == ["a"] && rig.refused == ["b for 30 s"])
    }
}
