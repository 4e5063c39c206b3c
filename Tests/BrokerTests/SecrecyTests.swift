import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing
import TokenStore

/// What is secret is in no log line, no status, no metric and no error, whatever happens to it.
@Suite(.timeLimit(.minutes(5))) struct SecrecyTests {
    private static let secret = BrokerRig.secret(of: "billing")

    @Test func `tokens and secrets go nowhere but to the server and the caller`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", #"client_authentication = "client_secret_post""#) + rig.client("sales"))
            _ = try await rig.ask("/v1/token/billing")
            _ = try await rig.ask("/v1/token/sales")
            rig.advance(by: .seconds(2_700))
            try await rig.until { try rig.report().state == .fresh && rig.server.counters().tokenRequests == 4 }
            _ = try await rig.reload("nonsense = \"\(Self.secret)\"")
            _ = try await rig.reload(rig.client("billing"))
            try rig.store.close()
            rig.advance(by: .seconds(10))
            let refresh = rig.begin("/v1/clients/billing/refresh", method: .post, on: .admin)
            #expect(try await refresh.answer().status == 200)
            #expect(!rig.log.lines(with: "Alarm raised").isEmpty)
            try expectNothingSecret(rig)
        }
    }

    @Test(arguments: [
        Behaviour.error("invalid_client", description: "no client with secret \(secret)", status: 401),
        .answer(status: 500, body: "client_secret=\(secret) is wrong"),
        .answer(status: 200, body: #"{"access_token_":"\#(secret)"}"#),
        .answer(status: 400, body: #"{"error":"\#(secret)"}"#),
    ])
    func `a server that repeats the secret does not get it into our words`(behaviour: Behaviour) async throws {
        try await withBroker { rig in
            rig.server.setBehaviour(behaviour)
            try rig.start(rig.client())
            let answer = try await rig.ask("/v1/token/billing")
            #expect(answer.status >= 500)
            #expect(!(answer.head + answer.body).contains(Self.secret))
            #expect(!rig.log.lines(with: "The token request failed").isEmpty)
            try expectNothingSecret(rig)
        }
    }

    @Test func `an answer that is cut off does not leave its token behind`() async throws {
        try await withBroker { rig in
            rig.server.setBehaviour(.fault(.dropMidAnswer))
            try rig.start(rig.client())
            #expect(try await rig.ask("/v1/token/billing").status == 503)
            try expectNothingSecret(rig)
        }
    }

    @Test func `the database shows nothing`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let token = try await rig.ask("/v1/token/billing").token.accessToken
            await rig.stop()
            let bytes = String(decoding: try rig.files.bytes(of: "state.sqlite"), as: UTF8.self)
            #expect(bytes.contains("billing-id"))
            #expect(!bytes.contains(token))
            #expect(!bytes.contains(Self.secret))
        }
    }

    private func expectNothingSecret(_ rig: BrokerRig) throws {
        #expect(!rig.log.lines.isEmpty)
        let documents = try ["/v1/status", "/metrics", "/readyz"].map { try rig.answer($0, on: .admin).body }
        let secrets = rig.server.issuedTokens().map(\.value) + ["billing", "sales"].map(BrokerRig.secret)
        for text in rig.log.lines + documents {
            for secret in secrets { #expect(!text.contains(secret), "\(text)") }
        }
    }
}
