import LinuxHost
import LocalAPI
import OAuth2
import Testing

@testable import Broker
@testable import LocalServer

@Suite struct AuditRingTests {
    private func subject(_ client: String, uid: UInt32 = 1_000) -> AuditSubject {
        let peer = PeerIdentity(pid: 1, uid: uid, gid: uid, groups: [])
        let caller = Caller(peer: peer, role: .token, connection: ConnectionID(descriptor: -1, serial: 1))
        return AuditSubject(.fetch, by: caller, unit: .noUnit, client: client, verdict: .unknownClient)
    }

    private func time(_ seconds: Int) -> Moment { Moment(sinceBoot: .seconds(seconds), sinceEpoch: .seconds(seconds)) }

    @Test func `what comes again is counted, with its latest process and time`() {
        var ring = AuditRing(capacity: 4)
        for second in 1...5 { _ = ring.record(subject("a"), pid: Int32(second), at: time(second)) }
        let events = ring.after(0, limit: 10)
        #expect(events.map(\.count) == [5])
        #expect(events[0].pid == 5)
        #expect(events[0].first == time(1))
        #expect(events[0].last == time(5))
    }

    @Test func `after its time another event begins`() {
        var ring = AuditRing(capacity: 4)
        let window = Int(AuditTrail.window.components.seconds)
        let isNew = [0, window - 1, window].map { ring.record(subject("a"), pid: 1, at: time($0)).isNew }
        #expect(isNew == [true, false, true])
        #expect(ring.after(0, limit: 10).map(\.count) == [2, 1])
        #expect(ring.after(1, limit: 10).map(\.sequence) == [2])
    }

    @Test func `an event whose time is over is ended once`() {
        var ring = AuditRing(capacity: 4)
        for second in 1...3 { _ = ring.record(subject("a"), pid: 1, at: time(second)) }
        _ = ring.record(subject("b"), pid: 1, at: time(9))
        let ended = [Duration.zero, .seconds(1), .seconds(1)].map { ring.end(before: $0) }
        #expect(ended.map { $0.map(\.count) } == [[], [3], []])
        _ = ring.record(subject("a"), pid: 1, at: time(9))
        #expect(ring.after(0, limit: 10).map(\.sequence) == [1, 2, 3])
    }

    @Test func `a user that fills it pushes out its own events`() {
        var ring = AuditRing(capacity: 100)
        for index in 0..<10 { _ = ring.record(subject("quiet\(index)", uid: 1), pid: 1, at: time(index)) }
        for index in 0..<5_000 { _ = ring.record(subject("loud\(index)", uid: 2), pid: 1, at: time(20)) }
        let events = ring.after(0, limit: 1_000)
        #expect(events.count == 100)
        #expect(events.filter { $0.subject.uid == 1 }.count == 10)
        #expect(events.last?.subject.client == "loud4999")
        #expect(ring.forgotten == 5_010 - 100)
        #expect(ring.after(events[97].sequence, limit: 1).map(\.sequence) == [events[98].sequence])
    }

    @Test func `one with as many users as it likes pushes out none with a smaller number`() {
        var ring = AuditRing(capacity: 100)
        for uid in [UInt32(0), 7] { _ = ring.record(subject("quiet", uid: uid), pid: 1, at: time(1)) }
        for index in 0..<5_000 { _ = ring.record(subject("loud", uid: 100_000 + UInt32(index)), pid: 1, at: time(2)) }
        #expect(ring.after(0, limit: 2).map(\.subject.uid) == [0, 7])
    }

    @Test func `among users with as many, nobody has more than a share`() {
        var ring = AuditRing(capacity: 90)
        for index in 0..<300 {
            for uid in [UInt32(1), 2, 3] { _ = ring.record(subject("\(index)", uid: uid), pid: 1, at: time(index)) }
        }
        for uid in [UInt32(1), 2, 3] {
            #expect((29...31).contains(ring.after(0, limit: 100).filter { $0.subject.uid == uid }.count))
        }
    }

    /// Against a list that keeps everything.
    @Test func `a random walk keeps the latest of each user and every count`() {
        var generator = SystemRandomNumberGenerator()
        var ring = AuditRing(capacity: 50)
        var counted: [UInt64: UInt64] = [:]
        for step in 0..<20_000 {
            let uid = UInt32.random(in: 1...4, using: &generator)
            let name = "\(Int.random(in: 0..<(uid == 1 ? 1_000 : 8), using: &generator))"
            let (event, isNew) = ring.record(subject(name, uid: uid), pid: 1, at: time(step / 4))
            counted[event.sequence, default: 0] += 1
            #expect(isNew == (counted[event.sequence] == 1))
        }
        let kept = ring.after(0, limit: 100)
        #expect(kept.count == 50)
        #expect(kept.allSatisfy { counted[$0.sequence] == $0.count })
        #expect(kept.map(\.sequence) == kept.map(\.sequence).sorted())
        #expect(UInt64(counted.count) == ring.last)
        #expect(ring.forgotten == ring.last - 50)
    }

    @Test func `what is counted while an event ends is counted in it or not at all`() async {
        for _ in 0..<50 {
            let event = RecordedEvent(sequence: 1, subject: subject("a", uid: 1), pid: 1, at: time(0))
            let counted = await withTaskGroup(of: Int.self) { group in
                for pid in Int32(2)...4 {
                    group.addTask {
                        var count = 0
                        while event.countIfOpen(pid: pid) {
                            count += 1
                            if count % 64 == 0 { await Task.yield() }
                        }
                        return count
                    }
                }
                group.addTask {
                    while event.count < 1_000 { await Task.yield() }
                    event.end()
                    return 0
                }
                return await group.reduce(0, +)
            }
            #expect(event.count == UInt64(counted) + 1 && event.snapshot.count == event.count)
            #expect(!event.extend(to: time(1)) && !event.countIfOpen(pid: 1, at: time(1)))
            #expect((2...4).contains(event.snapshot.pid))
        }
    }
}
