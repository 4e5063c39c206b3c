import Crypto
import CryptoExtras
import Foundation
import Testing

@testable import MockAuthorizationServer

@Suite("Assertions")
struct AssertionTests {
    private static let secret = "a secret of more than thirty-two bytes"
    private static let es256 = P256.Signing.PrivateKey()
    private static let newer = P256.Signing.PrivateKey()
    private static let ed25519 = Curve25519.Signing.PrivateKey()
    private static let rsa = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }

    private static func clients() throws -> Clients {
        let rsa = try rsa.get().publicKey
        let numbers = try rsa.getKeyPrimitives()
        return .registered([
            RegisteredClient(id: "shared", secrets: ["old", secret], grants: GrantType.all),
            RegisteredClient(
                id: "signing",
                keys: [
                    VerificationKey(pem: es256.publicKey.pemRepresentation, id: "ec"),
                    VerificationKey(pem: newer.publicKey.pemRepresentation, id: "newer"),
                    VerificationKey(pem: rsa.pemRepresentation, id: "rsa-pem"),
                    VerificationKey(jwk: [
                        "kty": "RSA", "kid": "rsa", "n": .string(Base64URL.encode(numbers.modulus)),
                        "e": .string(Base64URL.encode(numbers.publicExponent)),
                    ]),
                    VerificationKey(jwk: [
                        "kty": "OKP", "kid": "ed",
                        "x": .string(Base64URL.encode(ed25519.publicKey.rawRepresentation)),
                    ]),
                ],
                scopes: ["read"],
                grants: GrantType.all
            ),
        ])
    }

    /// An assertion as it should be, but for what a test changes.
    private struct Assertion {
        var algorithm = "ES256"
        var keyID: String? = "ec"
        var client = "signing"
        var claims: [String: JSONValue] = [:]
        var key = AssertionTests.es256

        func compact(_ server: MockAuthorizationServer, at now: Duration) throws -> String {
            let seconds = Int(now.components.seconds)
            var all: [String: JSONValue] = [
                "iss": .string(client), "sub": .string(client), "aud": .string(server.tokenEndpoint),
                "iat": .integer(seconds), "exp": .integer(seconds + 60), "jti": .string(UUID().uuidString),
            ]
            all.merge(claims) { _, changed in changed }
            var header: [String: JSONValue] = ["alg": .string(algorithm), "typ": "JWT"]
            if let keyID { header["kid"] = .string(keyID) }
            let signed = [JSONValue.object(header), .object(all)].map { Base64URL.encode($0.encoded()) }
                .joined(separator: ".")
            return signed + "." + Base64URL.encode(try signature(of: Data(signed.utf8)))
        }

        private func signature(of message: Data) throws -> Data {
            switch algorithm {
            case "HS256":
                let key = SymmetricKey(data: Data(AssertionTests.secret.utf8))
                return Data(HMAC<SHA256>.authenticationCode(for: message, using: key))
            case "RS256":
                return try AssertionTests.rsa.get().signature(for: message, padding: .insecurePKCS1v1_5)
                    .rawRepresentation
            case "PS256": return try AssertionTests.rsa.get().signature(for: message, padding: .PSS).rawRepresentation
            case "EdDSA": return try AssertionTests.ed25519.signature(for: message)
            default: return try key.signature(for: message).rawRepresentation
            }
        }
    }

    private let clock = ManualClock()

    private func withAssertionServer(
        audience: AcceptedAudience = .either,
        _ body: (MockAuthorizationServer) async throws -> Void
    ) async throws {
        let clients = try AssertionTests.clients()
        try await withServer {
            $0.clients = clients
            $0.assertionAudience = audience
            $0.now = { [clock] in clock.now() }
        } _: {
            try await body($0)
        }
    }

    private func present(_ assertion: String, to server: MockAuthorizationServer, more: String = "") async throws
        -> Answer
    {
        try await Caller.post(
            "grant_type=client_credentials&client_assertion=\(assertion)"
                + "&client_assertion_type=\(Form.encode(PresentedCredentials.assertionType))\(more)",
            to: server.tokenEndpoint,
            basic: nil
        )
    }

    private static let proofs: [(algorithm: String, keyID: String?, client: String, method: SeenAuthentication)] = [
        ("HS256", nil, "shared", .clientSecretJWT), ("ES256", "ec", "signing", .privateKeyJWT),
        ("ES256", nil, "signing", .privateKeyJWT), ("RS256", "rsa", "signing", .privateKeyJWT),
        ("RS256", "rsa-pem", "signing", .privateKeyJWT), ("PS256", "rsa", "signing", .privateKeyJWT),
        ("PS256", "rsa-pem", "signing", .privateKeyJWT), ("EdDSA", "ed", "signing", .privateKeyJWT),
    ]

    @Test("a client proves itself by what it signs", arguments: proofs)
    func proof(algorithm: String, keyID: String?, client: String, method: SeenAuthentication) async throws {
        try await withAssertionServer { server in
            let assertion = try Assertion(algorithm: algorithm, keyID: keyID, client: client)
                .compact(server, at: clock.now())
            let answer = try await present(assertion, to: server)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(server.requests().map(\.authentication) == [method])
            #expect(server.requests().map(\.clientID) == [client])
            #expect(server.issuedTokens().map(\.clientID) == [client])
        }
    }

    private static let wrongClaims: [(claims: [String: JSONValue], description: String)] = [
        (["aud": "https://another.example.com"], "assertion audience is https://another"),
        (["exp": 1_799_999_995], "assertion expired"),
        (["iat": 1_800_000_006], "assertion is not valid yet"),
        (["exp": 1_800_003_606], "assertion lives longer than an hour"),
        (["iss": "other"], "iss and sub must both be the client"),
        (["sub": "unknown", "iss": "unknown"], "unknown client"),
    ]

    @Test("what is wrong with an assertion is said", arguments: wrongClaims)
    func claims(claims: [String: JSONValue], description: String) async throws {
        try await withAssertionServer { server in
            let assertion = try Assertion(claims: claims).compact(server, at: clock.now())
            let answer = try await present(assertion, to: server)
            #expect(answer.status == 401)
            #expect(answer["error"] == "invalid_client")
            #expect(answer["error_description"]?.contains(description) == true, "\(answer.text)")
        }
    }

    @Test("a signature must be that of the key that is named, and of a kind that is registered")
    func signatures() async throws {
        try await withAssertionServer { server in
            let refusals: [(assertion: Assertion, more: String, description: String)] = [
                (Assertion(keyID: "nobody's"), "", "unknown key nobody's"),
                (Assertion(key: AssertionTests.newer), "", "signature is wrong"),
                (Assertion(keyID: nil, key: P256.Signing.PrivateKey()), "", "signature is wrong"),
                (Assertion(algorithm: "none"), "", "none is not supported"),
                (Assertion(algorithm: "HS256"), "", "not registered for client_secret_jwt"),
                (Assertion(), "&client_secret=x", "more than one"),
                (Assertion(), "&client_id=shared", "client_id differs"),
            ]
            for refusal in refusals {
                let assertion = try refusal.assertion.compact(server, at: clock.now())
                let answer = try await present(assertion, to: server, more: refusal.more)
                #expect(answer["error_description"]?.contains(refusal.description) == true, "\(answer.text)")
            }
            #expect(server.issuedTokens().isEmpty)
        }
    }

    @Test("an assertion is good once")
    func replay() async throws {
        try await withAssertionServer { server in
            let assertion = try Assertion().compact(server, at: clock.now())
            #expect(try await present(assertion, to: server).status == 200)
            let again = try await present(assertion, to: server)
            #expect(again.status == 401)
            #expect(again["error_description"] == "jti was used")
        }
    }

    @Test(
        "the audience is what the server wants",
        arguments: [
            (AcceptedAudience.tokenEndpoint, false), (.issuer, true), (.either, true),
        ]
    )
    func audience(accepted: AcceptedAudience, takesIssuer: Bool) async throws {
        try await withAssertionServer(audience: accepted) { server in
            let issuer = try Assertion(claims: ["aud": [.string(server.issuer), "x"]]).compact(server, at: clock.now())
            #expect(try await present(issuer, to: server).status == (takesIssuer ? 200 : 401))
            let endpoint = try await present(try Assertion().compact(server, at: clock.now()), to: server)
            #expect(endpoint.status == (accepted == .issuer ? 401 : 200))
        }
    }

    @Test("an assertion is a grant, too, for whom it names")
    func bearer() async throws {
        try await withAssertionServer { server in
            func grant(_ claims: [String: JSONValue]) async throws -> Answer {
                let assertion = try Assertion(claims: claims).compact(server, at: clock.now())
                return try await Caller.post(
                    "grant_type=\(GrantType.jwtBearer.rawValue)&assertion=\(assertion)",
                    to: server.tokenEndpoint,
                    basic: nil
                )
            }
            let answer = try await grant(["sub": "bob", "scope": "calendar mail"])
            #expect(answer["scope"] == "calendar mail", "\(answer.text)")
            #expect(answer["refresh_token"] == nil)
            #expect(server.issuedTokens().map(\.subject) == ["bob"])
            #expect(try await grant([:])["scope"] == "read")
            let wrong = try await grant(["aud": "https://another.example.com"])
            #expect(wrong.status == 400)
            #expect(wrong["error"] == "invalid_grant")
            #expect(wrong["error_description"]?.contains("assertion audience") == true)
            #expect(server.counters().client("signing").grants == [GrantType.jwtBearer.rawValue: 3])
        }
    }

    @Test("a file of clients says all of this")
    func file() throws {
        let document = """
            [{"id": "a", "keys": ["PEM", {"kty": "EC", "kid": "1"}, {"pem": "PEM", "kid": "2"}], "method": "private_key_jwt"},
             {"id": "b", "tls_client_auth_subject_dn": "CN=b"}, {"id": "c", "certificate_sha256": ["00"]},
             {"id": "d", "any_certificate": true, "redirect_uris": ["http://127.0.0.1/back"]}]
            """
        let clients = try JSONDecoder().decode([RegisteredClient].self, from: Data(document.utf8))
        #expect(clients[0].keys.map(\.id) == [nil, "1", "2"])
        #expect(clients[0].accepts(.privateKeyJWT) && !clients[0].accepts(.none))
        #expect(clients.map(\.certificate) == [nil, .subject("CN=b"), .fingerprints(["00"]), .anyOfAuthority])
        #expect(clients[3].redirectURIs == ["http://127.0.0.1/back"])
    }
}
