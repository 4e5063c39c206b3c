import Testing

@testable import MockAuthorizationServer

@Suite("Rotation of refresh tokens")
struct RotationTests {
    private let clock = ManualClock()

    private func refresh(_ token: String, at server: MockAuthorizationServer, more: String = "") async throws -> Answer
    {
        try await Caller.post("grant_type=refresh_token&refresh_token=\(token)" + more, to: server.tokenEndpoint)
    }

    private func withRotation(
        _ set: (inout RotationPolicy) -> Void,
        _ body: (MockAuthorizationServer) async throws -> Void
    ) async throws {
        let clock = clock
        try await withServer(
            { configuration in
                configuration.now = { clock.now() }
                set(&configuration.rotation)
            },
            body
        )
    }

    @Test("each use brings a new refresh token")
    func rotates() async throws {
        try await withRotation({ _ in }) { server in
            var token = server.issueRefreshToken(client: "billing", scope: "read write")
            for _ in 1...3 {
                let answer = try await refresh(token, at: server)
                #expect(answer["scope"] == "read write")
                let next = try #require(answer["refresh_token"])
                #expect(next != token)
                token = next
            }
        }
    }

    @Test("a spent refresh token ends its whole family, access tokens included")
    func reuse() async throws {
        try await withRotation({ _ in }) { server in
            let first = server.issueRefreshToken(client: "billing")
            let other = server.issueRefreshToken(client: "billing")
            let answer = try await refresh(first, at: server)
            let accessToken = try #require(answer["access_token"])
            let second = try #require(answer["refresh_token"])
            #expect(server.isActive(accessToken))

            let replay = try await refresh(first, at: server)
            #expect(replay.status == 400)
            #expect(replay["error"] == "invalid_grant")
            #expect(!server.isActive(accessToken))
            #expect(try await refresh(second, at: server)["error"] == "invalid_grant")
            #expect(try await refresh(other, at: server).status == 200)
        }
    }

    @Test("a replay that revokes nothing is only refused")
    func lenientReuse() async throws {
        try await withRotation({ $0.reuseRevokesFamily = false }) { server in
            let first = server.issueRefreshToken(client: "billing")
            let second = try #require(try await refresh(first, at: server)["refresh_token"])
            #expect(try await refresh(first, at: server)["error"] == "invalid_grant")
            #expect(try await refresh(second, at: server).status == 200)
        }
    }

    @Test("within the grace window a spent refresh token still works, counted from its first use")
    func graceWindow() async throws {
        try await withRotation({ $0.graceWindow = .seconds(10) }) { server in
            let first = server.issueRefreshToken(client: "billing")
            let second = try #require(try await refresh(first, at: server)["refresh_token"])
            clock.advance(by: .seconds(9))
            let third = try #require(try await refresh(first, at: server)["refresh_token"])
            #expect(third != second)
            #expect(try await refresh(second, at: server).status == 200)
            clock.advance(by: .seconds(1))
            #expect(try await refresh(first, at: server)["error"] == "invalid_grant")
            #expect(try await refresh(third, at: server)["error"] == "invalid_grant")
        }
    }

    @Test("without rotation the refresh token stays")
    func noRotation() async throws {
        try await withRotation({ $0.rotates = false }) { server in
            let token = server.issueRefreshToken(client: "billing")
            for _ in 1...2 {
                let answer = try await refresh(token, at: server)
                #expect(answer.status == 200)
                #expect(answer.members["refresh_token"] == nil)
            }
        }
    }

    @Test("a family ends with its lifetime, however often it was rotated")
    func familyLifetime() async throws {
        try await withRotation({ $0.familyLifetime = .seconds(60) }) { server in
            let first = server.issueRefreshToken(client: "billing")
            clock.advance(by: .seconds(59))
            let second = try #require(try await refresh(first, at: server)["refresh_token"])
            clock.advance(by: .seconds(1))
            #expect(try await refresh(second, at: server)["error"] == "invalid_grant")
        }
    }

    @Test("a refusal for another reason spends nothing")
    func refusalSpendsNothing() async throws {
        try await withRotation({ _ in }) { server in
            let token = server.issueRefreshToken(client: "billing", scope: "read")
            #expect(try await refresh(token, at: server, more: "&scope=write")["error"] == "invalid_scope")
            let thief = try await Caller.post(
                "grant_type=refresh_token&refresh_token=\(token)",
                to: server.tokenEndpoint,
                basic: "other:x"
            )
            #expect(thief["error"] == "invalid_grant")
            server.setBehaviour(.error("temporarily_unavailable", status: 503), times: 1)
            #expect(try await refresh(token, at: server).status == 503)
            #expect(try await refresh(token, at: server).status == 200)
        }
    }

    @Test("revoking a refresh token revokes its family")
    func revocation() async throws {
        try await withRotation({ _ in }) { server in
            let first = server.issueRefreshToken(client: "billing")
            let answer = try await refresh(first, at: server)
            let second = try #require(answer["refresh_token"])
            #expect(try await Caller.post("token=\(second)", to: server.url(.revocation)).status == 200)
            #expect(try await refresh(second, at: server)["error"] == "invalid_grant")
            #expect(!server.isActive(try #require(answer["access_token"])))
        }
    }
}
