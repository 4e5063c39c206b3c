import Foundation
import LocalAPI
import MockAuthorizationServer
import Testing

/// State that is copied, sealed anew or damaged.
@Suite("The state of a rotation", .timeLimit(.minutes(5)))
struct RotationBackupTests {
    @Test("from a backup is presented by another machine on the operator's word alone")
    func restored() async throws {
        try await withRotation(.strict) { rotation in
            let backup = "\(rotation.room.path)/backup"
            try await withDaemon(in: rotation.room) { _ in
                try await rotation.expectRefreshed()
                let made = try await Command.tokenctl("backup", backup, in: rotation.room)
                #expect(made.status == 0, "\(made)")
                // The original goes on with its grant.
                #expect(try await rotation.room.status(of: RotationRoom.client).grant?.standing == .held)
            }
            let other = try rotation.elsewhere(restoring: backup)
            try await withDaemon(in: other.room) { _ in
                let status = try await other.room.status(of: RotationRoom.client)
                #expect(status.grant?.standing == .restored && status.state == .loginRequired, "\(status)")
                // The access token is as good as it was.
                #expect(try await other.fetch().string("access_token") == rotation.newestToken())
                let refused = try await Command.tokenctl("refresh", RotationRoom.client, in: other.room)
                #expect(refused.status == 80 && refused.errors.contains("--trust-restored"), "\(refused)")
                #expect(other.judgements() == [.current], "\(other.evidence())")

                let trusted = try await Command.tokenctl(
                    "refresh",
                    RotationRoom.client,
                    "--trust-restored",
                    in: other.room
                )
                #expect(trusted.status == 0, "\(trusted)\n\(other.evidence())")
                #expect(try await other.room.status(of: RotationRoom.client).grant?.standing == .held)
                try await other.expectRefreshed()
            }
            #expect(other.judgements() == [.current, .current, .current], "\(other.evidence())")
        }
    }

    @Test("from a backup gives way to a new login")
    func restoredAndLoggedIn() async throws {
        try await withRotation(.strict) { rotation in
            let backup = "\(rotation.room.path)/backup"
            try await withDaemon(in: rotation.room) { _ in
                try await rotation.expectRefreshed()
                #expect(try await Command.tokenctl("backup", backup, in: rotation.room).status == 0)
                try await rotation.expectRefreshed()
            }
            let other = try rotation.elsewhere(restoring: backup)
            try other.logIn()
            try await withDaemon(in: other.room) { _ in
                try await other.expectRefreshed()
                #expect(try await other.room.status(of: RotationRoom.client).grant?.standing == .held)
            }
            #expect(other.judgements() == [.current, .current, .current], "\(other.evidence())")
            #expect(other.verdict().stale.isEmpty)
        }
    }

    @Test("is sealed with a new key while the daemon runs, and goes on after a start")
    func rekeyed() async throws {
        try await withRotation(.strict) { rotation in
            let key = URL(filePath: "\(rotation.room.state)/state.key")
            let before = try await withDaemon(in: rotation.room) { _ in
                try await rotation.expectRefreshed()
                let old = try Data(contentsOf: key)
                let rekeyed = try await Command.tokenctl("rekey", in: rotation.room)
                #expect(rekeyed.status == 0, "\(rekeyed)")
                #expect(try Data(contentsOf: key) != old)
                try await rotation.expectRefreshed()
                return try await rotation.fetch().string("access_token")
            }.value
            try await withDaemon(in: rotation.room) { _ in
                #expect(try await rotation.fetch().string("access_token") == before, "\(rotation.evidence())")
                try await rotation.expectRefreshed()
            }
            #expect(rotation.judgements() == [.current, .current, .current], "\(rotation.evidence())")
        }
    }

    @Test("that is damaged is set aside, and the first refresh token, which is spent, is not taken up again")
    func damaged() async throws {
        try await withRotation(.strict) { rotation in
            try await withDaemon(in: rotation.room) { _ in
                try await rotation.expectRefreshed()
            }
            try Data(repeating: 0x5A, count: 65_536).write(to: URL(filePath: rotation.room.database))
            try await withDaemon(in: rotation.room) { _ in
                #expect(try await rotation.refresh().status == 409, "\(rotation.evidence())")
                #expect(try await rotation.alarms() == ["store_set_aside"])
                let status = try await rotation.room.status(of: RotationRoom.client)
                #expect(status.lastError?.cause == "grant_lost", "\(status)")
                try rotation.logIn()
                try await rotation.expectReloaded()
                try await rotation.expectRefreshed()
            }
            #expect(rotation.judgements() == [.current, .current], "\(rotation.evidence())")
        }
    }
}
