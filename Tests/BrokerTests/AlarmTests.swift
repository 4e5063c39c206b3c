import OAuth2
import Synchronization
import Testing

@testable import Broker

@Suite struct AlarmTests {
    private let clock = ManualClock()
    private let log = LogCapture()
    private let alarms: Alarms

    init() {
        alarms = Alarms(time: TimeSource(boot: BootID("1"), now: { [clock] in clock.now() }), logger: log.logger)
    }

    @Test func `an alarm that stands is logged once, with its first time and its latest reason`() {
        let since = clock.now().sinceEpoch
        alarms.raise(.storeWriteFailed, "first")
        clock.advance(by: .seconds(5))
        alarms.raise(.storeWriteFailed, "second")
        #expect(alarms.all.map(\.message) == ["second"])
        #expect(alarms.all.map(\.since) == [since])
        #expect(log.lines == ["error Alarm raised alarm=store_write_failed reason=first"])
        alarms.clear(.storeWriteFailed)
        alarms.clear(.storeWriteFailed)
        #expect(alarms.all.isEmpty)
        #expect(log.lines.last == "notice Alarm cleared alarm=store_write_failed")
        #expect(log.lines.count == 2)
    }

    @Test func `whoever shows the alarms hears of each change, and of nothing else`() {
        let changes = Mutex(0)
        alarms.onChange { changes.withLock { $0 += 1 } }
        for (message, count) in [("a", 1), ("a", 1), ("b", 2)] {
            alarms.raise(.fileLost, message)
            #expect(changes.withLock { $0 } == count)
        }
        alarms.clear(.fileLost)
        alarms.clear(.fileLost)
        #expect(changes.withLock { $0 } == 3)
    }

    @Test func `each kind of alarm is found by an id of its own`() {
        for kind in Alarms.Kind.allCases { alarms.raise(kind, "reason") }
        #expect(Set(log.ids).count == Alarms.Kind.allCases.count && !log.ids.contains(""))
        for kind in Alarms.Kind.allCases { alarms.clear(kind) }
        #expect(Set(log.ids).count == Alarms.Kind.allCases.count + 1)
    }

    @Test func `alarms stand side by side, the oldest first`() {
        alarms.raise(.storeWriteFailed, "a")
        clock.advance(by: .seconds(1))
        alarms.raise(.reloadRefused, "b")
        alarms.raise(.storeSetAside, "c")
        #expect(alarms.all.map(\.kind) == [.storeWriteFailed, .reloadRefused, .storeSetAside])
    }
}
