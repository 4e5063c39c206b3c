import Broker
import Synchronization
import Testing

@Suite struct DeadlinesTests {
    /// What fired, in order.
    private final class Journal: Sendable {
        private let entries = Mutex<[String]>([])

        var all: [String] { entries.withLock { $0 } }

        func note(_ entry: String) { entries.withLock { $0.append(entry) } }
    }

    private let deadlines = Deadlines()
    private let journal = Journal()

    private func timer(_ name: String) -> DeadlineTimer {
        deadlines.timer { [journal] in journal.note(name) }
    }

    @Test func `what is due fires, the earliest first`() {
        for (name, at) in [("c", 3), ("a", 1), ("d", 4), ("b", 2)] { timer(name).set(at: .seconds(at)) }
        #expect(deadlines.next == .seconds(1))
        deadlines.fire(now: .seconds(3))
        #expect(journal.all == ["a", "b", "c"])
        #expect(deadlines.next == .seconds(4))
    }

    @Test func `of one time the first set fires first`() {
        for name in ["a", "b", "c"] { timer(name).set(at: .seconds(1)) }
        deadlines.fire(now: .seconds(1))
        #expect(journal.all == ["a", "b", "c"])
    }

    @Test func `a new deadline takes the old one's place`() {
        let timer = timer("a")
        timer.set(at: .seconds(1))
        timer.set(at: .seconds(5))
        deadlines.fire(now: .seconds(4))
        #expect(journal.all == [])
        timer.set(at: .seconds(2))
        #expect(deadlines.next == .seconds(2))
        deadlines.fire(now: .seconds(10))
        #expect(journal.all == ["a"])
        #expect(deadlines.next == nil)
    }

    @Test func `what is taken back does not fire`() {
        let timer = timer("a")
        timer.set(at: .seconds(1))
        timer.cancel()
        #expect(deadlines.next == nil)
        deadlines.fire(now: .seconds(2))
        #expect(journal.all == [])
    }

    @Test func `an action may set its own timer anew, and others`() {
        let other = timer("other")
        let again = Mutex<DeadlineTimer?>(nil)
        let journal = journal
        let timer = deadlines.timer {
            journal.note("a")
            if journal.all.count < 3 { again.withLock { $0 }?.set(at: .seconds(journal.all.count)) }
            other.set(at: .seconds(100))
        }
        again.withLock { $0 = timer }
        timer.set(at: .zero)
        deadlines.fire(now: .seconds(2))
        #expect(journal.all == ["a", "a", "a"])
        #expect(deadlines.next == .seconds(100))
    }

    @Test func `a sleeping loop is woken for an earlier deadline alone`() {
        deadlines.onEarlierDeadline { [journal] in journal.note("wake") }
        timer("a").set(at: .seconds(5))
        timer("b").set(at: .seconds(9))
        timer("c").set(at: .seconds(5))
        #expect(journal.all == ["wake"])
        timer("d").set(at: .seconds(4))
        #expect(journal.all == ["wake", "wake"])
    }

    @Test func `timers that are set over and over do not pile up, and none is lost`() {
        let timers = (0..<10).map { timer("\($0)") }
        for round in 1...1_000 {
            for (index, timer) in timers.enumerated() { timer.set(at: .seconds(round * 10 + index)) }
        }
        #expect(deadlines.next == .seconds(10_000))
        deadlines.fire(now: .seconds(20_000))
        #expect(journal.all == (0..<10).map(String.init))
        #expect(deadlines.next == nil)
    }
}
