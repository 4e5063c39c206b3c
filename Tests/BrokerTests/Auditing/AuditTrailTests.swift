import LinuxHost
import LocalAPI
import OAuth2
import Testing

@testable import Broker
@testable import LocalServer

@Suite struct AuditTrailTests {
    private let clock = ManualClock()
    private let log = LogCapture()
    private let trail: AuditTrail

    init() {
        let clock = clock
        trail = AuditTrail(time: TimeSource(boot: BootID("1"), now: { clock.now() }), logger: log.logger)
    }

    private func caller(pid: Int32, uid: UInt32 = 1_000) -> Caller {
        Caller(
            peer: PeerIdentity(pid: pid, uid: uid, gid: uid, groups: []),
            role: .token,
            connection: ConnectionID(descriptor: pid, serial: UInt64(pid))
        )
    }

    private func refuse(_ caller: Caller, _ client: String = "a") {
        let key = AuditTrail.Repeat.refused(.fetch, client: client, .unknownClient, .noUnit)
        guard trail.countRepeat(key, by: caller) == nil else { return }
        let subject = AuditSubject(.fetch, by: caller, unit: .noUnit, client: client, verdict: .unknownClient)
        trail.record(subject, caller: caller, repeating: key)
    }

    @Test func `of processes that take turns, the event has the one that came last`() {
        let (first, second) = (caller(pid: 1), caller(pid: 2))
        for caller in [first, second, first] { refuse(caller) }
        #expect(trail.events(after: 0).map(\.pid) == [1])
        #expect(trail.events(after: 0).map(\.count) == [3])
    }

    @Test func `the count of an event is logged, though the next one comes before anybody looked`() {
        let caller = caller(pid: 1)
        for _ in 0..<3 { refuse(caller) }
        clock.setSinceBoot(clock.now().sinceBoot + AuditTrail.window)
        refuse(caller)
        #expect(log.lines(with: "It came again").filter { $0.contains("count=3") }.count == 1)
        trail.sweep()
        #expect(log.lines(with: "It came again").count == 1)
    }

    @Test func `the counts of what made room are logged, as far as the user may`() {
        let caller = caller(pid: 1)
        for index in 0..<AuditTrail.capacity {
            for _ in 0..<2 { refuse(caller, "n\(index)") }
        }
        clock.setSinceBoot(clock.now().sinceBoot + .seconds(1))
        for index in 0..<AuditTrail.capacity { refuse(caller, "m\(index)") }
        clock.setSinceBoot(clock.now().sinceBoot + AuditTrail.window)
        trail.sweep()
        #expect(!log.lines(with: "It came again").isEmpty)
        #expect(log.lines(with: "caller_uid=1000").count <= LogAllowance.burst + 3 + LogAllowance.burst)
    }

    @Test func `what ends at once of a user is no more than the user may have logged`() {
        let caller = caller(pid: 1)
        for index in 0..<AuditTrail.capacity {
            for _ in 0..<2 { refuse(caller, "n\(index)") }
        }
        clock.setSinceBoot(clock.now().sinceBoot + AuditTrail.window)
        trail.sweep()
        #expect(log.lines(with: "It came again").count == LogAllowance.burst)
        #expect(log.lines(with: "too many to be logged").count == 1)
    }
}
