import LinuxHost
import TestSupport
import Testing

@testable import LocalServer

/// The admission as a reference, which expectations can change.
private final class Door {
    private var admission: Admission

    init(_ limits: ServerLimits) { admission = Admission(limits: limits) }

    var total: Int { admission.total }
    var heldBytes: Int { admission.requestBytes.total }

    func admit(uid: UInt32, isNamed: Bool, operates: Bool = false) -> Bool {
        admission.admit(uid: uid, isNamed: isNamed, operates: operates)
    }

    func connections(of party: Party) -> Int { admission.connections(of: party) }

    func release(uid: UInt32, isNamed: Bool) { admission.release(uid: uid, isNamed: isNamed) }

    @discardableResult
    func hold(_ change: Int, uid: UInt32) -> UInt32? { admission.requestBytes.add(change, uid: uid) }

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
        limits.keptForOperators = 0
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
        #expect(limits.keptForOperators == 64)
        #expect(limits.connectionsPerUser == 2_048)
        #expect(limits.connectionsOfUnnamed == 1_024)
        #expect(limits.requestBytes == 16 << 20)
        #expect(limits.requestBytesPerUser == 4 << 20)
        #expect(limits.unsentBytes == 16 << 20)
        #expect(limits.unsentBytesPerUser == 4 << 20)
        #expect(limits.operatorBytes == 64 << 20)
        #expect(limits.sendBuffer == 16 << 10)
        #expect(limits.requestTime == .seconds(5))
        #expect(limits.idleTime == .seconds(60))
    }

    @Test("A process that may have few descriptors keeps some from all connections together, and from each party")
    func descriptors() {
        #expect(ServerLimits(descriptors: 16_384) == ServerLimits())
        #expect(ServerLimits(descriptors: .max) == ServerLimits())
        let limits = ServerLimits(descriptors: 1_024)
        #expect(limits.connections == 256)
        #expect(limits.keptForNamed == 32)
        #expect(limits.keptForOperators == 4)
        #expect(limits.connectionsPerUser == 128)
        #expect(limits.connectionsOfUnnamed == 64)
        #expect(ServerLimits(descriptors: 64) == ServerLimits())
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

    @Test("Those whom no rule names are one party, with however many numbers they come")
    func strangers() {
        let door = Door(Self.limits)
        for uid in 1..<4 as Range<UInt32> { #expect(door.admit(uid: uid, isNamed: false)) }
        #expect(door.admit(uid: 9, isNamed: true))
        #expect(door.connections(of: .strangers) == 3)
        #expect(door.connections(of: .user(9)) == 1)
        door.release(uid: 2, isNamed: false)
        #expect(door.connections(of: .strangers) == 2)
    }

    @Test("However many users a named group has, operators are let in")
    func operators() {
        var limits = Self.limits
        limits.keptForOperators = 2
        let door = Door(limits)
        #expect(door.admitted(uid: 1, isNamed: true) + door.admitted(uid: 2, isNamed: true) == 8)
        #expect(door.admit(uid: 0, isNamed: true, operates: true))
        #expect(!door.admit(uid: 3, isNamed: true))
        #expect(door.admit(uid: 3, isNamed: true, operates: true))
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

    @Test("Bytes are bounded for a user and in all, where the one who has the most is in the wrong")
    func bytes() {
        let door = Door(Self.limits)
        #expect(door.hold(600, uid: 1) == nil)
        #expect(door.hold(1, uid: 1) == 1)
        #expect(door.hold(-301, uid: 1) == nil)
        #expect(door.hold(500, uid: 2) == nil)
        #expect(door.hold(201, uid: 3) == 2)
        #expect(door.hold(-201, uid: 3) == nil)
        door.hold(-300, uid: 1)
        door.hold(-400, uid: 2)
        #expect(door.heldBytes == 100)
        #expect(door.hold(500, uid: 3) == nil)
        #expect(door.hold(401, uid: 4) == 3, "the newcomer is not refused for what another has")
        #expect(door.hold(200, uid: 4) == 4)
        door.hold(-500, uid: 3)
        door.hold(-601, uid: 4)
        door.hold(-100, uid: 2)
        #expect(door.heldBytes == 0)
        #expect(door.hold(600, uid: 1) == nil)
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
