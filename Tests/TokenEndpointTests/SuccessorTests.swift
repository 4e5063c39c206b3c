import MockAuthorizationServer
import OAuth2
import Testing
import TokenEndpoint

@Suite("An exchange that failed")
struct SuccessorTests {
    private func exchange(
        _ wire: Wire,
        _ endpoint: String,
        _ grant: Grant = .refreshToken
    ) async throws -> TokenExchange {
        let request = TokenRequest(
            grant: .refreshToken(Secret("r1")),
            clientID: "billing",
            authentication: .clientSecretPost(Secret(Wire.secret))
        )
        return await wire.client.send(
            request.encoded(),
            to: try EndpointURL(endpoint),
            grant: grant,
            provider: .generic,
            trust: ServerTrust(),
            timeout: Wire.patience,
            connection: .fresh
        )
    }

    @Test("has the refresh token that it brought, which nothing shows")
    func successor() async throws {
        try await withWire { wire, server in
            server.setBehaviour(.answer(status: 200, body: #"{"refresh_token":"r2-of-ann"}"#))
            let failed = try await exchange(wire, server.tokenEndpoint)
            #expect(failed.successor == Secret("r2-of-ann"))
            guard case .failure(let failure) = failed.result else {
                Issue.record("a success")
                return
            }
            #expect(failure.failureClass == .unknown && failure.error == "no_access_token")
            #expect(!"\(failed)".contains("r2-of-ann"))
            // The client's own grant spends nothing.
            let own = try await exchange(wire, server.tokenEndpoint, .clientCredentials)
            #expect(own.successor == nil)
        }
    }

    @Test(
        "or succeeded has none elsewhere",
        arguments: [
            Behaviour.answer(status: 500, body: #"{"refresh_token":"r2"}"#),
            .answer(status: 200, body: #"{"access_token":"a","refresh_token":"r2"}"#),
            .answer(status: 400, body: #"{"error":"invalid_grant"}"#), .fault(.dropBeforeAnswer),
        ]
    )
    func absent(behaviour: Behaviour) async throws {
        try await withWire { wire, server in
            server.setBehaviour(behaviour)
            let exchange = try await exchange(wire, server.tokenEndpoint)
            #expect(exchange.successor == nil)
        }
    }
}
