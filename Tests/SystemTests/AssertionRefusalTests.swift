import Foundation
import MockAuthorizationServer
import TestNetwork
import Testing

/// Assertions that a server refuses: the real daemon, at a server that verifies them.
@Suite("An assertion that is refused", .timeLimit(.minutes(5)))
struct AssertionRefusalTests {
    private func refusal(
        _ change: (inout Configuration, _ other: VerificationKey) -> Void = { _, _ in },
        more: String = "",
        _ prepare: (MockAuthorizationServer) -> Void = { _ in }
    ) async throws -> SocketHTTP.Answer {
        let room = try Room()
        func key(_ name: String) async throws -> VerificationKey {
            let file = try room.secret(name, "")
            try await OpenSSL.run(["genpkey", "-algorithm", "ED25519", "-out", file])
            return VerificationKey(pem: try await OpenSSL.run(["pkey", "-in", file, "-pubout"]))
        }
        var configuration = Configuration()
        configuration.clients = .registered([RegisteredClient(id: "billing-id", keys: [try await key("own.key")])])
        change(&configuration, try await key("other.key"))
        let server = try await MockAuthorizationServer.start(configuration)
        prepare(server)
        try room.configure(
            """
            [clients.billing]
            token_endpoint = "\(server.tokenEndpoint)"
            client_id = "billing-id"
            client_authentication = "private_key_jwt"
            private_key = { file = "\(room.path)/own.key" }
            \(more)

            """
        )
        var answer: SocketHTTP.Answer?
        try await withDaemon(in: room) { _ in
            answer = try await SocketHTTP.get("/v1/token/billing", on: room.tokenSocket)
            // Neither what was sent nor the key is told to anybody.
            #expect(!room.log.contains("eyJ") && !room.log.contains("PRIVATE KEY"))
        }
        await server.stop()
        return try #require(answer)
    }

    @Test("none is refused that is right")
    func right() async throws {
        #expect(try await refusal().status == 200)
    }

    @Test("for its audience names the setting")
    func audience() async throws {
        let refused = try await refusal(more: "assertion_audience = \"https://elsewhere.example\"")
        #expect(refused.status == 502 && refused.string("cause") == "invalid_client", "\(refused.body)")
        #expect(refused.string("remedy")?.contains("assertion_audience") == true, "\(refused.body)")
    }

    @Test("for its age names the clocks", arguments: [3_600, -3_600])
    func clock(seconds: Int) async throws {
        let refused = try await refusal { configuration, _ in
            let now = configuration.now
            configuration.now = { now() + .seconds(seconds) }
        }
        #expect(refused.status == 502, "\(refused.body)")
        #expect(refused.string("remedy")?.hasPrefix("Set the clock") == true, "\(refused.body)")
    }

    @Test("for its key names the key")
    func unknownKey() async throws {
        let refused = try await refusal { configuration, other in
            configuration.clients = .registered([RegisteredClient(id: "billing-id", keys: [other])])
        }
        #expect(refused.status == 502 && refused.string("remedy")?.contains("private_key") == true, "\(refused.body)")
    }

    @Test("for having been seen before says what may send it twice")
    func replay() async throws {
        let refused = try await refusal { _, _ in
        } _: { server in
            server.setBehaviour(.error("invalid_client", description: "jti was used", status: 401), at: .token)
        }
        #expect(refused.status == 502 && refused.string("remedy")?.contains("proxy") == true, "\(refused.body)")
    }
}
