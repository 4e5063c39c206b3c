import Foundation
import LocalAPI
import MockAuthorizationServer
import Testing

/// An operator gives a grant up.
@Suite("A logout", .timeLimit(.minutes(5)))
struct RotationLogoutTests {
    @Test("revokes the grant and forgets it, and no start takes its first refresh token up again")
    func logout() async throws {
        try await withRotation(.graceful) { rotation in
            try await withDaemon(in: rotation.room) { _ in
                try await rotation.expectRefreshed()
                let logout = try await Command.tokenctl("logout", RotationRoom.client, in: rotation.room)
                #expect(logout.status == 0 && logout.output.contains("revoked and forgotten"), "\(logout)")
                #expect(rotation.verdict().familyIsRevoked)
                try await expectLoggedOut(rotation)
            }
            try await withDaemon(in: rotation.room) { _ in
                try await expectLoggedOut(rotation)
                try await rotation.expectReloaded()
                try await expectLoggedOut(rotation)
                // A new login is another matter.
                try rotation.logIn()
                try await rotation.expectReloaded()
                try await rotation.expectRefreshed()
            }
            #expect(rotation.judgements() == [.current, .current], "\(rotation.evidence())")
        }
    }

    @Test("that the server cannot be told of says so and keeps the grant, unless it is to be forgotten all the same")
    func unrevoked() async throws {
        try await withRotation(.strict) { rotation in
            rotation.server.setBehaviour(.error("server_error", status: 500), at: .revocation)
            try await withDaemon(in: rotation.room) { _ in
                try await rotation.expectRefreshed()
                let refused = try await Command.tokenctl("logout", RotationRoom.client, in: rotation.room)
                #expect(refused.status == 75, "\(refused)")
                #expect(refused.errors.contains("not revoked") && refused.errors.contains("--forget"), "\(refused)")
                #expect(try await rotation.fetch().status == 200)
                try await rotation.expectRefreshed()

                let forced = try await Command.tokenctl("logout", RotationRoom.client, "--forget", in: rotation.room)
                #expect(forced.status == 0 && forced.output.contains("forgotten, not revoked"), "\(forced)")
                try await expectLoggedOut(rotation)
            }
            try await withDaemon(in: rotation.room) { _ in try await expectLoggedOut(rotation) }
            #expect(rotation.judgements() == [.current, .current], "\(rotation.evidence())")
            #expect(!rotation.verdict().familyIsRevoked)
        }
    }

    @Test("waits for a rotation that is under way, and revokes what that brings")
    func underWay() async throws {
        try await withRotation(.strict) { rotation in
            rotation.server.setBehaviour(.held, times: 1)
            try await withDaemon(in: rotation.room) { _ in
                async let refresh = rotation.refresh()
                try await rotation.counters("the request") { $0.held == 1 }
                async let logout = Command.tokenctl("logout", RotationRoom.client, in: rotation.room)
                rotation.server.release()
                let ended = try await logout
                #expect(ended.status == 0, "\(ended)")
                _ = try await refresh
                let revoked = rotation.server.requests(to: .revocation).map { request in
                    request.parameters.first { $0.name == "token" }?.verbatim.exposed
                }
                let tokens = rotation.server.refreshTokens(of: rotation.id(of: RotationRoom.client))
                // Whichever of the two came first; the access token goes after it.
                let newest = tokens.last?.value.exposed
                #expect(revoked.first == newest, "\(rotation.evidence())")
                #expect(!revoked.dropFirst().contains { $0?.hasPrefix("rt-") ?? true }, "\(rotation.evidence())")
                try await expectLoggedOut(rotation)
            }
            #expect(rotation.verdict().familyIsRevoked)
        }
    }

    private func expectLoggedOut(_ rotation: RotationRoom) async throws {
        let fetched = try await rotation.fetch()
        #expect(fetched.status == 409 && fetched.string("error") == "login_required", "\(fetched.body)")
        #expect(try await rotation.refresh().status == 409)
        let status = try await rotation.room.status(of: RotationRoom.client)
        #expect(status.grant?.standing == .absent && !status.serving, "\(status)")
    }
}
