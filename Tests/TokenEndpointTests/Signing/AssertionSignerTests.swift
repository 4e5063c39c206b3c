import Foundation
import OAuth2
import TestNetwork
import Testing
import TokenEndpoint

@Suite("A signer") struct AssertionSignerTests {
    private static let assertion = ClientAssertion(
        issuer: "billing",
        subject: "billing",
        audience: "https://as.example/token",
        issuedAt: .seconds(1_800_000_000),
        identifier: "0123"
    )

    private func signed(
        _ key: Secret,
        _ algorithm: SigningAlgorithm? = nil,
        keyID: String? = nil
    ) async throws -> SignedAssertion {
        let signer = try AssertionSigner(key: try SigningKey(key), algorithm: algorithm, keyID: keyID)
        return try SignedAssertion(try await signer.sign(Self.assertion))
    }

    @Test("says what RFC 7523 wants, and nothing besides")
    func claims() async throws {
        let signed = try await signed(Secret(PublishedKey.p256))
        #expect(signed.header == ["alg": "ES256", "typ": "JWT", "kid": "printed"])
        #expect(
            signed.claims
                == SignedAssertion.Claims(
                    iss: "billing",
                    aud: "https://as.example/token",
                    jti: "0123",
                    sub: "billing",
                    scope: nil,
                    iat: 1_800_000_000,
                    exp: 1_800_000_060,
                    nbf: nil
                )
        )
    }

    @Test("says the scope, and leaves out a subject, where the grant is so")
    func grant() async throws {
        var assertion = Self.assertion
        assertion.subject = nil
        assertion.scope = "a b"
        let signer = try AssertionSigner(key: try SigningKey(Secret(PublishedKey.ed25519)))
        let claims = try SignedAssertion(try await signer.sign(assertion)).claims
        #expect(claims.sub == nil && claims.scope == "a b")
    }

    @Test("makes RSA signatures that openssl verifies, from every form of the key")
    func rsa() async throws {
        let files = try KeyFiles()
        try await files.makeRSA("key")
        try await files.makePublic("public", of: "key")
        let jwk = Secret(try await files.jwk(ofRSA: "key"))
        let forms = [try files.secret("key"), try files.secret("traditional"), jwk]
        for form in forms {
            let signed = try await signed(form)
            #expect(signed.header["alg"] == "RS256" && signed.header["kid"] == nil)
            #expect(try await signed.isVerified(by: "public", as: .rs256, in: files))
        }
        let pss = try await signed(forms[0], .ps256, keyID: "mine")
        #expect(pss.header == ["alg": "PS256", "typ": "JWT", "kid": "mine"])
        #expect(try await pss.isVerified(by: "public", as: .ps256, in: files))
        #expect(try await !pss.isVerified(by: "public", as: .rs256, in: files))
        let told = try await signed(Secret(try await files.jwk(ofRSA: "key", adding: ["alg": "PS256", "kid": "one"])))
        #expect(told.header == ["alg": "PS256", "typ": "JWT", "kid": "one"])
    }

    @Test("makes elliptic signatures that openssl verifies, from every form of the key")
    func curves() async throws {
        let files = try KeyFiles()
        try await files.makeEC("key")
        // With its parameters in a block before the key.
        let sec1 = ["ecparam", "-name", "prime256v1", "-genkey", "-out", files.path("sec1")]
        try await OpenSSL.run(sec1)
        try await files.make("edwards", "-algorithm", "ED25519")
        for (name, algorithm) in [("key", SigningAlgorithm.es256), ("sec1", .es256), ("edwards", .edDSA)] {
            try await files.makePublic("public", of: name)
            let signed = try await signed(try files.secret(name))
            #expect(signed.header["alg"] == algorithm.rawValue)
            #expect(try await signed.isVerified(by: "public", as: algorithm, in: files), "\(name)")
        }
    }

    @Test("takes a service account's key file as Google writes it, and the names in it")
    func serviceAccount() async throws {
        let files = try KeyFiles()
        try await files.makeRSA("key")
        try await files.makePublic("public", of: "key")
        let members = [
            "type": "service_account", "project_id": "p", "private_key_id": "abc", "private_key": try files.text("key"),
            "client_email": "robot@p.iam.gserviceaccount.com", "client_id": "1",
            "token_uri": "https://oauth2.example/token",
        ]
        let key = try SigningKey(Secret(bytes: Array(try JSONEncoder().encode(members))))
        #expect(key.owner == "robot@p.iam.gserviceaccount.com")
        let signed = try SignedAssertion(try await AssertionSigner(key: key).sign(Self.assertion))
        #expect(signed.header == ["alg": "RS256", "typ": "JWT", "kid": "abc"])
        #expect(try await signed.isVerified(by: "public", as: .rs256, in: files))
    }

    @Test("signs with a secret by HS256")
    func secret() async throws {
        let files = try KeyFiles()
        let secret = "0123456789abcdef0123456789abcdef"
        let signer = try AssertionSigner(secret: Secret(secret))
        let signed = try SignedAssertion(try await signer.sign(Self.assertion))
        #expect(signer.algorithm == .hs256 && signed.header == ["alg": "HS256", "typ": "JWT"])
        try files.write(signed.input, to: "input")
        let words = try await OpenSSL.run(
            ["dgst", "-sha256", "-mac", "HMAC", "-macopt", "key:\(secret)", "-binary", "-out", files.path("mac")]
                + [files.path("input")]
        )
        #expect(words == "")
        #expect(Array(signed.signature) == (try files.secret("mac").exposedBytes()))
        #expect(throws: SigningKeyError.shortSecret) { try AssertionSigner(secret: Secret(String(secret.dropLast()))) }
    }

    @Test("names the client's certificate by its thumbprint, and none that is another key's")
    func certificate() async throws {
        let files = try KeyFiles()
        for name in ["one", "two"] { try await files.makeEC(name) }
        try await files.makeCertificate("certificate", of: "one")
        let key = try SigningKey(try files.secret("one"))
        let signer = try AssertionSigner(
            key: key,
            algorithm: nil,
            keyID: nil,
            certificate: try files.secret("certificate")
        )
        let signed = try SignedAssertion(try await signer.sign(Self.assertion))
        try await OpenSSL.run(["x509", "-in", files.path("certificate"), "-outform", "DER", "-out", files.path("der")])
        try await OpenSSL.run(["dgst", "-sha256", "-binary", "-out", files.path("hash"), files.path("der")])
        let hash = base64URL(Data(try files.secret("hash").exposedBytes()))
        #expect(signed.header == ["alg": "ES256", "typ": "JWT", "x5t#S256": hash])
        let other = try SigningKey(try files.secret("two"))
        #expect(throws: SigningKeyError.otherCertificate) {
            try AssertionSigner(
                key: other,
                algorithm: nil,
                keyID: nil,
                certificate: try files.secret("certificate")
            )
        }
        #expect(throws: SigningKeyError.noCertificate) {
            try AssertionSigner(key: key, algorithm: nil, keyID: nil, certificate: try files.secret("one"))
        }
    }

    @Test("refuses an algorithm that the key cannot do, and one that nobody here can")
    func algorithms() throws {
        let key = try SigningKey(Secret(PublishedKey.p256))
        let error = #expect(throws: SigningKeyError.self) { try AssertionSigner(key: key, algorithm: .rs256) }
        #expect(
            error?.description == "is a P-256 key, which cannot sign with RS256; set signing_algorithm to ES256"
        )
        let stated = try SigningKey(Secret(PublishedKey.p256.replacing("\"kid\"", with: "\"alg\":\"ES384\",\"kid\"")))
        #expect(throws: SigningKeyError.foreignAlgorithm("ES384")) { try AssertionSigner(key: stated) }
        #expect(try AssertionSigner(key: stated, algorithm: .es256).algorithm == .es256)
    }
}
