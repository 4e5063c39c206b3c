import Foundation
import Glibc
import LocalAPI
import Testing

/// Refresh tokens that a real server takes once each; a used one ends the newest, too, and is refused without a word.
@Suite("Rotation at a real authorization server", .needsRealAuthorizationServer, .timeLimit(.minutes(5)))
struct RotationRealServerTests {
    private static let client = "rotating"
    private static let rotations = 3

    @Test(
        "goes on over restarts of the daemon and of the server, each time with an active token",
        arguments: RealAuthorizationServer.Scheme.allCases
    )
    func rotations(scheme: RealAuthorizationServer.Scheme) async throws {
        let server = try await RealAuthorizationServer.start(scheme: scheme)
        let room = try Room()
        try configure(room, at: server, firstToken: try await server.logIn())
        var tokens: Set<String> = []
        try await withDaemon(in: room) { daemon in
            for number in 1...Self.rotations {
                tokens.insert(try await rotate(room, at: server, to: number + 1))
            }
            await daemon.crash()
        }
        try await withDaemon(in: room) { _ in
            tokens.insert(try await rotate(room, at: server, to: Self.rotations + 2))
            try await server.interrupt()
            #expect(try await refresh(room).status == 503)
            #expect(try await fetch(room).status == 200)
            try await server.resume()
            for number in 1...Self.rotations {
                tokens.insert(try await rotate(room, at: server, to: Self.rotations + 2 + number))
            }
        }
        #expect(tokens.count == 2 * Self.rotations + 1)
        try await server.stop()
    }

    /// Has the client refreshed to the refresh token of this `sequence`; gives back the access token.
    private func rotate(_ room: Room, at server: RealAuthorizationServer, to sequence: Int) async throws -> String {
        let refreshed = try await refresh(room)
        #expect(refreshed.status == 200, "\(refreshed.body)\n\(room.log)")
        let fetched = try await fetch(room)
        let token = try #require(fetched.string("access_token"), "\(fetched.body)")
        #expect(try await server.introspect(token, as: server.rotatingClient).active)
        #expect(try await room.status(of: Self.client).grant?.sequence == sequence)
        return token
    }

    @Test("a refresh token that the server ended is told from a refused client by a probe")
    func ended() async throws {
        let server = try await RealAuthorizationServer.start(scheme: .http)
        let room = try Room()
        let token = try await server.logIn()
        try configure(room, at: server, firstToken: token)
        try await server.revoke(token)
        try await withDaemon(in: room) { _ in
            let refused = try await refresh(room)
            #expect(refused.status == 409 && refused.string("error") == "login_required", "\(refused.body)")
            try await expectRefused(room, unanswered: nil)
            try room.secret("\(Self.client).first", try await server.logIn())
            #expect(try await SocketHTTP.post("/v1/reload", on: room.adminSocket).status == 200)
            _ = try await rotate(room, at: server, to: 2)
        }
        try await server.stop()
    }

    @Test("an answer that a crash lost is told with its history, which the server's own answer says nothing of")
    func lost() async throws {
        let server = try await RealAuthorizationServer.start(scheme: .http)
        let room = try Room()
        try configure(room, at: server, firstToken: try await server.logIn())
        try await withDaemon(in: room) { _ in _ = try await rotate(room, at: server, to: 2) }
        let (status, _) = try await withDaemon(in: room, environment: CrashPoint.answerReceived.environment) { _ in
            _ = try? await refresh(room)
        }
        #expect(status == -SIGKILL)
        try await withDaemon(in: room) { _ in
            #expect(try await refresh(room).status == 409, "\(room.log)")
            try await expectRefused(room, unanswered: 1)
        }
        try await server.stop()
    }

    @Test("a logout ends the refresh token at the server")
    func logout() async throws {
        let server = try await RealAuthorizationServer.start(scheme: .http)
        let room = try Room()
        try configure(room, at: server, firstToken: try await server.logIn())
        try await withDaemon(in: room) { _ in
            let logout = try await Command.tokenctl("logout", Self.client, in: room)
            #expect(logout.status == 0 && logout.output.contains("revoked and forgotten"), "\(logout)")
            let retaken = try await Command.tokenctl("refresh", Self.client, "--retake-first-token", in: room)
            #expect(retaken.status == 80, "\(retaken)\n\(room.log)")
            try await expectRefused(room, unanswered: nil)
        }
        try await server.stop()
    }

    private func expectRefused(_ room: Room, unanswered: Int?) async throws {
        let status = try await room.status(of: Self.client)
        #expect(status.state == .loginRequired && status.grant?.standing == .refused, "\(status)\n\(room.log)")
        #expect(status.grant?.refused?.unansweredAttempts == unanswered, "\(status)")
        #expect(status.lastError?.serverStatus == 400, "\(status)")
    }

    private func refresh(_ room: Room) async throws -> SocketHTTP.Answer {
        try await SocketHTTP.post("/v1/clients/\(Self.client)/refresh", on: room.adminSocket)
    }

    private func fetch(_ room: Room) async throws -> SocketHTTP.Answer {
        try await SocketHTTP.get("/v1/token/\(Self.client)", on: room.tokenSocket)
    }

    private func configure(_ room: Room, at server: RealAuthorizationServer, firstToken: String) throws {
        let registration = server.rotatingClient
        try room.configure(
            """
            [clients.\(Self.client)]
            token_endpoint = "\(server.tokenEndpoint)"
            revocation_endpoint = "\(server.revocationEndpoint)"
            client_id = "\(registration.id)"
            client_secret = { file = "\(try room.secret("\(Self.client).secret", registration.secret))" }
            basic_encoding = "raw"
            grant = "refresh_token"
            refresh_token = { file = "\(try room.secret("\(Self.client).first", firstToken))" }
            \(server.tokenEndpoint.hasPrefix("https") ? "ca_file = \"\(server.caFile)\"" : "")

            """
        )
    }
}
