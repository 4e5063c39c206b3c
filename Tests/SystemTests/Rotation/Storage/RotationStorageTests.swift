import Glibc
import LocalAPI
import MockAuthorizationServer
import Testing

/// The store takes no write for a while: no refresh token is presented that could not be replaced on the disk, and none
/// that came is lost.
@Suite("A failing store", .timeLimit(.minutes(5)))
struct RotationStorageTests {
    @Test("before a rotation lets nothing be sent, and is over without a restart", arguments: Obstacle.ofAnyone)
    func before(obstacle: Obstacle) async throws { try await refuse(obstacle) }

    @Test("that is a full disk, before a rotation", .needsMounts)
    func beforeFull() async throws { try await refuse(.fullDisk) }

    @Test(
        "between a request and its answer loses nothing that comes, until it takes writes",
        arguments: Obstacle.ofAnyone
    )
    func between(obstacle: Obstacle) async throws { try await keep(obstacle) }

    @Test("that is a full disk, between a request and its answer", .needsMounts)
    func betweenFull() async throws { try await keep(.fullDisk) }

    private func refuse(_ obstacle: Obstacle) async throws {
        let keys = #"allow = [{ user = \#(geteuid()), scopes = ["files", "mail"] }]"#
        try await ObstructedRoom.with(obstacle, keys: keys) { stage in
            let rotation = stage.rotation
            try await stage.withDaemon { _ in
                try await rotation.expectRefreshed()
                let cached = try await rotation.fetch()
                try await stage.obstruct {
                    let refused = try await rotation.refresh()
                    #expect(refused.status == 503, "\(refused.body)")
                    #expect(refused.string("cause") == "store_not_writable", "\(refused.body)")
                    let caller = try await rotation.fetch(RotationRoom.client, "?scope=mail")
                    #expect(caller.status == 503, "\(caller.body)")
                    #expect(caller.string("error") == "temporarily_unavailable", "\(caller.body)")
                    #expect(caller.string("cause") == "store_not_writable", "\(caller.body)")
                    // Who can be served is.
                    #expect(try await rotation.fetch().string("access_token") == cached.string("access_token"))
                    #expect(rotation.judgements() == [.current], "\(rotation.evidence())")
                    let status = try await rotation.room.status(of: RotationRoom.client)
                    #expect(status.grant?.standing == .held && status.grant?.unsaved == false, "\(status)")
                    let alarms = try await rotation.room.status().alarms
                    #expect(alarms.map(\.alarm) == ["store_write_failed"], "\(alarms)")
                    #expect(try await rotation.ready().status == 503)
                }
                try await expectWell(rotation)
            }
            let judgements = rotation.judgements()
            #expect(judgements.count >= 2 && judgements.allSatisfy { $0 == .current }, "\(rotation.evidence())")
        }
    }

    private func keep(_ obstacle: Obstacle) async throws {
        try await ObstructedRoom.with(obstacle) { stage in
            let rotation = stage.rotation
            let (newest, settled) = try await stage.withDaemon { daemon in
                try await rotation.expectRefreshed()
                rotation.server.setBehaviour(.held, times: 1)
                let refresh = Task { try await rotation.refresh() }
                try await rotation.counters("the request") { $0.held == 1 }
                try await stage.obstruct {
                    rotation.server.release()
                    let refreshed = try await refresh.value
                    #expect(refreshed.status == 200, "\(refreshed.body)\n\(rotation.evidence())")
                    let served = try await rotation.fetch()
                    #expect(served.string("access_token") == rotation.newestToken(), "\(served.body)")
                    let status = try await rotation.room.status(of: RotationRoom.client)
                    #expect(status.grant?.unsaved == true && status.grant?.sequence == 3, "\(status)")
                    #expect(try await rotation.alarms().contains("grant_unsaved"))
                    #expect(try await rotation.ready().status == 503)
                    // Neither the newest nor the one before is presented now.
                    let again = try await rotation.refresh()
                    #expect(again.string("cause") == "store_not_writable", "\(again.body)")
                    #expect(rotation.judgements() == [.current, .current], "\(rotation.evidence())")
                }
                try await waitUntilSaved(rotation)
                // The store's other work may be done a moment later.
                try await Patience.wait(for: "the end of all alarms", evidence: { rotation.evidence() }) {
                    while try await rotation.alarms() != [] {}
                }
                // What was refused for the store's sake may be tried again by now: a crash in the midst of that is another test.
                try await Watch.state(.fresh, of: RotationRoom.client, in: rotation.room)
                #expect(try await rotation.ready().status == 200)
                await daemon.crash()
                return (rotation.newestToken(), rotation.judgements())
            }.value
            #expect(settled.allSatisfy { $0 == .current }, "\(rotation.evidence())")
            try await stage.withDaemon { _ in
                let served = try await rotation.fetch()
                #expect(served.string("access_token") == newest, "\(served.body)\n\(rotation.evidence())")
                #expect(rotation.judgements() == settled, "\(rotation.evidence())")
                try await expectWell(rotation)
            }
            #expect(rotation.judgements() == settled + [.current], "\(rotation.evidence())")
        }
    }

    /// The store works again: so do refreshes, and nothing is left of the trouble.
    private func expectWell(_ rotation: RotationRoom) async throws {
        try await rotation.expectRefreshed()
        let status = try await rotation.room.status(of: RotationRoom.client)
        #expect(status.grant?.standing == .held && status.grant?.unsaved == false, "\(status)")
        #expect(try await rotation.alarms() == [])
    }

    private func waitUntilSaved(_ rotation: RotationRoom) async throws {
        try await Patience.wait(for: "the end of the alarm", evidence: { rotation.evidence() }) {
            while try await rotation.room.status(of: RotationRoom.client).grant?.unsaved != false {}
        }
    }

    @Test("that is a full disk has a reserve, which the newest refresh token is stored in", .needsMounts)
    func reserve() async throws {
        try await withRotation(.strict) { rotation in
            try await SmallDisk.with(in: rotation.room) { disk in
                let newest = try await withDaemon(in: rotation.room, through: disk.launcher) { daemon in
                    try await rotation.expectRefreshed()
                    rotation.server.setBehaviour(.held, times: 1)
                    async let refresh = rotation.refresh()
                    try await rotation.counters("the request") { $0.held == 1 }
                    try disk.fill()
                    rotation.server.release()
                    #expect(try await refresh.status == 200, "\(rotation.evidence())")
                    try await waitUntilSaved(rotation)
                    await daemon.crash()
                    return rotation.newestToken()
                }.value
                // The disk is as full as before.
                try await withDaemon(in: rotation.room, through: disk.launcher) { _ in
                    let served = try await rotation.fetch()
                    #expect(served.string("access_token") == newest, "\(served.body)\n\(rotation.evidence())")
                    try disk.free()
                    try await expectWell(rotation)
                }
            }
            #expect(rotation.judgements() == [.current, .current, .current], "\(rotation.evidence())")
        }
    }
}
