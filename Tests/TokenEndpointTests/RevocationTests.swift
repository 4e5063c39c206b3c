import MockAuthorizationServer
import OAuth2
import Testing
import TokenEndpoint

@Suite("Revocation")
struct RevocationTests {
    @Test("a token that is given up is worth nothing any more, nor is what came from it")
    func revoked() async throws {
        try await withWire { wire, server in
            let first = server.issueRefreshToken(client: "billing")
            let response = try await wire.refresh(first, at: server.tokenEndpoint).get()
            let second = try #require(response.refreshToken).exposed()
            #expect(try await wire.revoke(second, at: server.url(.revocation)) == nil)
            #expect(!server.isActive(response.accessToken.exposed()))
            guard case .failure(let failure) = try await wire.refresh(second, at: server.tokenEndpoint) else {
                Issue.record("the refresh token still brings tokens")
                return
            }
            #expect(failure.error == "invalid_grant")

            let seen = try #require(server.requests(to: .revocation).first)
            #expect(seen.clientID == "billing")
            #expect(seen.authentication == .clientSecretBasic)
            #expect(seen.parameters.first { $0.name == "token" }?.verbatim.exposed == second)
            #expect(seen.parameter("token_type_hint") == "refresh_token")
            #expect(seen.header("User-Agent") == "tokenbroker/1.2.3")
            #expect(server.counters().requests[.revocation] == 1)
        }
    }

    @Test("a token that the server does not know, or knows as another's, is given up too")
    func unknown() async throws {
        try await withWire { wire, server in
            let other = server.issueRefreshToken(client: "billing")
            #expect(try await wire.revoke("rt-nobody's", at: server.url(.revocation)) == nil)
            #expect(try await wire.revoke(other, clientID: "shipping", at: server.url(.revocation)) == nil)
            _ = try await wire.refresh(other, at: server.tokenEndpoint).get()
        }
    }

    @Test(
        "a server that refuses or fails says so",
        arguments: [
            (Behaviour.error("unsupported_token_type"), FailureClass.configuration, "unsupported_token_type", nil),
            (.error("invalid_client", status: 401), .configuration, "invalid_client", nil),
            (
                .answer(status: 503, body: "", headers: ["Retry-After": "7"]), .transient, "http_server_error",
                .seconds(7)
            ),
            (.answer(status: 404, body: ""), .endpointMisconfigured, "not_found", nil),
            (.fault(.dropBeforeAnswer), .transient, "reset_after_sending", nil),
        ] as [(Behaviour, FailureClass, String, Duration?)]
    )
    func refused(behaviour: Behaviour, failureClass: FailureClass, error: String, retryAfter: Duration?) async throws {
        try await withWire { wire, server in
            server.setBehaviour(behaviour, at: .revocation)
            let failure = try #require(try await wire.revoke("rt-1", at: server.url(.revocation)))
            #expect(failure.failureClass == failureClass)
            #expect(failure.error == error)
            #expect(failure.retryAfter == retryAfter)
            #expect(server.counters().requests[.revocation] == 1)
        }
    }

    @Test("a server that is not there is asked again later")
    func unreachable() async throws {
        try await withWire { wire, server in
            await server.stopListening()
            let failure = try #require(try await wire.revoke("rt-1", at: server.url(.revocation)))
            #expect(failure.failureClass == .transient)
            #expect(failure.transport == .connectionRefused)
        }
    }

    @Test("where to is in the metadata")
    func discovery() async throws {
        try await withWire { wire, server in
            let metadata = try await wire.metadata(of: server.issuer)
            #expect(metadata.revocationEndpoint?.text == server.url(.revocation))
        }
    }
}
