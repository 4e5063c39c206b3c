import LinuxHost
import TestSupport
import Testing

@testable import LocalServer

/// The admission as a reference, which expectations can change.
private final class Door {
    private var admission: Admission

    init(_ limits: ServerLimits) { admission = Admission(limits: limits) }

    var total: Int { admission.total }
    var heldBytes: Int { admission.heldBytes }

    func admit(uid: UInt32, isNamed: Bool) -> Bool { admission.admit(uid: uid, isNamed: isNamed) }

    func release(uid: UInt32, isNamed: Bool) { admission.release(uid: uid, isNamed: isNamed) }

    @discardableResult
    func hold(_ change: Int, uid: UInt32) -> Bool { admission.hold(change, uid: uid) }

    /// How many of twenty attempts are admitted.
    func admitted(uid: UInt32, isNamed: Bool) -> Int {
        (0..<20).count { _ in admit(uid: uid, isNamed: isNamed) }
    }
}

@Suite("Who is admitted")
struct AdmissionTests {
    private static var limits: ServerLimits {
        var limits = ServerLimits()
        limits.connections = 10
        limits.keptForNamed = 3
        limits.connectionsPerUser = 6
        limits.connectionsOfUnnamed = 5
        limits.requestBytes = 1_000
        limits.requestBytesPerUser = 600
        return limits
    }

    @Test("The limits are those that were promised")
    func standard() {
        let limits = ServerLimits()
        #expect(limits.connections == 4_096)
        #expect(limits.keptForNamed == 512)
        #expect(limits.connectionsPerUser == 2_048)
        #expect(limits.connectionsOfUnnamed == 1_024)
        #expect(limits.requestBytes == 16 << 20)
        #expect(limits.requestBytesPerUser == 4 << 20)
        #expect(limits.requestTime == .seconds(5))
        #expect(limits.idleTime == .seconds(60))
    }

    @Test("One user has its share, named or not; the unnamed share theirs; some places are the named ones' alone")
    func shares() {
        let door = Door(Self.limits)
        #expect(door.admitted(uid: 1, isNamed: false) == 5)
        #expect(door.admitted(uid: 2, isNamed: false) == 0)
        #expect(door.admitted(uid: 3, isNamed: true) == 5, "ten in all")
        door.release(uid: 3, isNamed: true)
        #expect(!door.admit(uid: 2, isNamed: false))
        #expect(door.admit(uid: 4, isNamed: true))
        #expect(door.total == 10)
    }

    @Test("A named user has its share too")
    func namedShare() {
        let door = Door(Self.limits)
        #expect(door.admitted(uid: 1, isNamed: true) == 6)
        #expect(door.admitted(uid: 2, isNamed: false) == 1, "seven are for everybody")
        #expect(door.admitted(uid: 2, isNamed: true) == 3)
    }

    @Test("What is released can be taken again, by a random walk against a plain count")
    func walk() {
        var generator = SeededGenerator(seed: 3)
        let door = Door(Self.limits)
        var connected: [(uid: UInt32, isNamed: Bool)] = []
        for _ in 0..<20_000 {
            if Bool.random(using: &generator), !connected.isEmpty {
                let gone = connected.remove(at: Int.random(in: 0..<connected.count, using: &generator))
                door.release(uid: gone.uid, isNamed: gone.isNamed)
            } else {
                let uid = UInt32.random(in: 1...4, using: &generator)
                let isNamed = uid.isMultiple(of: 2)
                let fits =
                    connected.count < (isNamed ? 10 : 7) && connected.count(where: { $0.uid == uid }) < 6
                    && (isNamed || connected.count(where: { !$0.isNamed }) < 5)
                #expect(door.admit(uid: uid, isNamed: isNamed) == fits)
                if fits { connected.append((uid, isNamed)) }
            }
            #expect(door.total == connected.count)
        }
    }

    @Test("Held bytes are bounded for a user and in all, and counted down again")
    func heldBytes() {
        let door = Door(Self.limits)
        #expect(door.hold(600, uid: 1))
        #expect(!door.hold(1, uid: 1))
        #expect(door.hold(-101, uid: 1))
        #expect(door.hold(500, uid: 2))
        #expect(!door.hold(2, uid: 3))
        #expect(door.hold(-2, uid: 3))
        door.hold(-500, uid: 1)
        door.hold(-500, uid: 2)
        #expect(door.heldBytes == 0)
        #expect(door.hold(600, uid: 1))
    }

    @Test(
        "Root and those whom a rule names, by user or any of their groups, are named",
        arguments: [
            (UInt32(0), UInt32(0), [], true), (1_000, 1_000, [], false), (7, 1_000, [], true), (1_000, 70, [], true),
            (1_000, 1_000, [5, 70], true), (70, 7, [7], false),
        ] as [(UInt32, UInt32, [UInt32], Bool)]
    )
    func named(uid: UInt32, gid: UInt32, groups: [UInt32], expected: Bool) {
        let named = LocalServer.NamedCallers(users: [7], groups: [70])
        #expect(named.include(PeerIdentity(pid: 1, uid: uid, gid: gid, groups: groups)) == expected)
    }
}
