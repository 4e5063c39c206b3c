import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

/// Clients that prove themselves, or ask, by what they sign: what the server sees, and what is said of its refusals.
@Suite(.timeLimit(.minutes(5))) struct AssertionTests {
    /// The broker looks at the files this often.
    private static let watch = Duration.seconds(5)

    private static let token = Behaviour.answer(
        status: 200,
        body: #"{"access_token":"t","token_type":"Bearer","expires_in":3600}"#
    )

    /// A client that signs with the key in `billing.key`.
    private func signing(_ rig: BrokerRig, _ lines: String = "", key: TestKey = .first) throws -> String {
        try rig.files.write(key.jwk, to: "billing.key")
        return """
            [clients.billing]
            client_id = "billing-id"
            client_authentication = "private_key_jwt"
            private_key = { file = "billing.key" }
            token_endpoint = "\(rig.server.tokenEndpoint)"
            \(lines)

            """
    }

    private func seen(_ rig: BrokerRig) -> [SeenRequest] { rig.server.requests() }

    @Test func `an assertion says who, to whom and when`() async throws {
        try await withBroker { rig in
            try rig.start(try signing(rig))
            rig.server.setBehaviour(Self.token)
            #expect(try await rig.ask("/v1/token/billing").status == 200)
            let request = try #require(seen(rig).first)
            let assertion = try #require(try ReadAssertion(request))
            let now = Int(rig.clock.now().sinceEpoch.components.seconds)
            #expect(assertion.header == ["alg": "ES256", "typ": "JWT", "kid": "first"])
            #expect(assertion.claims.iss == "billing-id" && assertion.claims.sub == "billing-id")
            #expect(assertion.claims.aud == rig.server.tokenEndpoint)
            #expect(assertion.claims.iat == now && assertion.claims.exp == now + 60)
            #expect(assertion.claims.jti.utf8.count == 32)
            #expect(request.parameter("client_id") == "billing-id" && request.authorization == nil)
            #expect(
                request.parameter("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            )
        }
    }

    @Test func `a secret signs in place of being sent`() async throws {
        try await withBroker { rig in
            try rig.files.write("0123456789abcdef0123456789abcdef", to: "billing.secret")
            try rig.start(rig.client("billing", "client_authentication = \"client_secret_jwt\""))
            rig.server.setBehaviour(Self.token)
            #expect(try await rig.ask("/v1/token/billing").status == 200)
            let request = try #require(seen(rig).first)
            #expect(try ReadAssertion(request)?.header == ["alg": "HS256", "typ": "JWT"])
            #expect(request.secret == nil && request.authorization == nil)
        }
    }

    @Test func `the audience is what the provider wants, or the operator`() async throws {
        for (lines, expected) in [
            ("provider = \"auth0\"", { "\($0)/" }), ("provider = \"okta\"", { "\($0)/token" }),
            ("assertion_audience = \"urn:as\"\nprovider = \"auth0\"", { _ in "urn:as" }),
        ] as [(String, (String) -> String)] {
            try await withBroker { rig in
                try rig.start(try signing(rig, lines))
                rig.server.setBehaviour(Self.token)
                #expect(try await rig.ask("/v1/token/billing").status == 200)
                let audience = try ReadAssertion(try #require(seen(rig).first))?.claims.aud
                let origin = try EndpointURL(rig.server.tokenEndpoint).origin
                let endpoint = rig.server.tokenEndpoint
                #expect(audience == (lines.contains("okta") ? endpoint : expected(origin)))
            }
        }
    }

    @Test func `every attempt has an assertion of its own, one that is made again too`() async throws {
        try await withBroker { rig in
            try rig.start(try signing(rig))
            rig.server.setBehaviour(.error("server_error", status: 500))
            #expect(try await rig.ask("/v1/token/billing").status == 503)
            for _ in 0..<3 {
                try rig.advanceToNextAttempt()
                try await rig.until { try rig.isAttemptPlanned() }
            }
            let assertions = try seen(rig).compactMap { try ReadAssertion($0) }
            #expect(assertions.count == 4)
            #expect(Set(assertions.map(\.claims.jti)).count == 4)
            // Each is of its own moment.
            #expect(Set(assertions.map(\.claims.iat)).count > 1)
        }
    }

    @Test func `a key that is replaced under way signs the next attempt`() async throws {
        try await withBroker { rig in
            try rig.start(try signing(rig))
            rig.server.setBehaviour(Self.token)
            #expect(try await rig.ask("/v1/token/billing").status == 200)
            try rig.files.write(TestKey.second.jwk, to: "billing.key")
            rig.advance(by: .seconds(2_700))
            try await rig.until { !rig.isAskingServer && seen(rig).count == 2 }
            let headers = try seen(rig).compactMap { try ReadAssertion($0)?.header }
            #expect(headers.map { $0["kid"] } == ["first", "second"])
            #expect(headers.map { $0["alg"] } == ["ES256", "EdDSA"])
        }
    }

    @Test func `a key of no use stops its client alone, and a good one in its place heals it by the watch`()
        async throws
    {
        try await withBroker { rig in
            try rig.start(try signing(rig) + rig.client("sales"))
            try rig.files.write("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", to: "billing.key")
            #expect(try await rig.ask("/v1/token/billing").status == 502)
            let error = try #require(try rig.report().lastError)
            #expect(error.cause == "private_key_unusable")
            #expect(error.summary.contains("billing.key holds a public key and not the private one"))
            #expect(error.remedy.contains("private_key in [clients.billing]"))
            #expect(seen(rig).isEmpty)
            #expect(try await rig.ask("/v1/token/sales").status == 200)
            rig.server.setBehaviour(Self.token)
            try rig.files.write(TestKey.second.jwk, to: "billing.key")
            rig.advance(by: Self.watch)
            try await rig.until { try rig.report().state == .fresh }
        }
    }

    @Test func `a key of no use is told at the start, without asking the server`() async throws {
        try await withBroker { rig in
            let text = try signing(rig)
            try rig.files.write("garbage", to: "billing.key")
            try rig.start(text)
            #expect(try rig.report().state == .misconfigured)
            #expect(try rig.report().lastError?.cause == "private_key_unusable")
        }
    }

    @Test func `a grant's assertion asks for the client itself, with no other proof`() async throws {
        try await withBroker { rig in
            let text = try signing(rig, "grant = \"jwt_bearer\"\nscopes = [\"a\", \"b\"]")
            try rig.start(text.replacing("client_authentication = \"private_key_jwt\"", with: ""))
            rig.server.setBehaviour(Self.token)
            #expect(try await rig.ask("/v1/token/billing").status == 200)
            let request = try #require(seen(rig).first)
            #expect(request.grant == "urn:ietf:params:oauth:grant-type:jwt-bearer")
            let claims = try #require(try ReadAssertion(request, "assertion")).claims
            #expect(claims.iss == "billing-id" && claims.sub == "billing-id" && claims.scope == nil)
            #expect(request.parameter("scope") == "a b" && request.parameter("client_assertion") == nil)
        }
    }

    @Test func `Google's says the scope itself, and a subject only where another is meant`() async throws {
        for subject in [nil, "ann@example.com"] as [String?] {
            try await withBroker { rig in
                let text = try signing(
                    rig,
                    """
                    provider = "google"
                    grant = "jwt_bearer"
                    assertion_issuer = "robot"
                    scopes = ["b", "a"]
                    \(subject.map { "assertion_subject = \"\($0)\"" } ?? "")
                    """
                )
                try rig.start(
                    text.replacing("client_authentication = \"private_key_jwt\"", with: "")
                        .replacing("client_id = \"billing-id\"", with: "")
                )
                rig.server.setBehaviour(Self.token)
                #expect(try await rig.ask("/v1/token/billing").status == 200)
                let request = try #require(seen(rig).first)
                let claims = try #require(try ReadAssertion(request, "assertion")).claims
                #expect(claims.iss == "robot" && claims.sub == subject)
                #expect(claims.scope.map { Set($0.split(separator: " ")) } == ["a", "b"])
                #expect(Set(request.parameters.map(\.name)) == ["grant_type", "assertion"])
            }
        }
    }

    @Test func `a token for one subject is not served for another`() async throws {
        try await withBroker { rig in
            let text = try signing(rig, "grant = \"jwt_bearer\"\nassertion_subject = \"ann\"")
            try rig.start(text)
            rig.server.setBehaviour(Self.token)
            #expect(try await rig.ask("/v1/token/billing").status == 200)
            #expect(try await rig.reload(text.replacing("\"ann\"", with: "\"bob\"")).status == 200)
            #expect(try await rig.ask("/v1/token/billing").status == 200)
            #expect(try seen(rig).compactMap { try ReadAssertion($0, "assertion")?.claims.sub } == ["ann", "bob"])
        }
    }

    @Test(arguments: [
        ("Fri, 15 Jan 2027 08:01:15 GMT", "its clock is 75 s ahead of this machine's"),
        ("Fri, 15 Jan 2027 07:59:40 GMT", "its clock is 19 s behind this machine's"),
    ])
    func `a refused assertion is explained by the clocks when they differ`(date: String, words: String) async throws {
        try await withBroker { rig in
            try rig.start(try signing(rig))
            var behaviour = Behaviour.error("invalid_client", status: 401)
            behaviour.headers = ["Date": date]
            rig.server.setBehaviour(behaviour)
            #expect(try await rig.ask("/v1/token/billing").status == 502)
            let error = try #require(try rig.report().lastError)
            #expect(error.summary == "The authorization server finds the time of the assertion wrong: \(words).")
            #expect(error.remedy.hasPrefix("Set the clock of this machine right"))
        }
    }
}
