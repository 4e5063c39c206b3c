import Foundation
import OAuth2
import TestNetwork
import Testing
import TokenEndpoint

/// Whatever is put where a private key should be is refused in words, and nothing ends the process.
@Suite("A bad key") struct BadKeyTests {
    private func error(_ key: Secret) throws -> SigningKeyError? {
        #expect(throws: SigningKeyError.self) { try SigningKey(key) }
    }

    @Test(
        "is named for what it is",
        arguments: [
            ("", SigningKeyError.unrecognized), ("hunter2", .unrecognized), ("{", .unrecognized), ("{}", .unrecognized),
            ("[]", .unrecognized), ("{\"kty\":1}", .unrecognized), ("{\"keys\":[]}", .keySet),
            ("{\"type\":\"authorized_user\"}", .otherGoogleFile(type: "authorized_user")),
            ("{\"type\":\"service_account\"}", .damaged(kind: "a private_key")),
            ("{\"type\":\"service_account\",\"private_key\":\"x\"}", .unrecognized),
            ("{\"kty\":\"oct\",\"k\":\"AAAA\"}", .unsupported(kind: "a symmetric key")),
            ("{\"kty\":\"EC\",\"crv\":\"P-384\",\"d\":\"AAAA\"}", .unsupported(kind: "a key of type EC, P-384")),
            ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\"}", .publicKey),
            ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"d\":\"AAAA\"}", .damaged(kind: "a P-256 key")),
            ("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"A\"}", .damaged(kind: "an Ed25519 key")),
            ("{\"kty\":\"RSA\",\"n\":\"AAAA\",\"e\":\"AQAB\"}", .publicKey),
            ("{\"kty\":\"RSA\",\"n\":\"AAAA\",\"e\":\"AQAB\",\"d\":\"AAAA\"}", .withoutPrimes),
            (
                "{\"kty\":\"RSA\",\"n\":\"AA\",\"e\":\"AA\",\"d\":\"AA\",\"p\":\"AA\",\"q\":\"AA\"}",
                .damaged(kind: "an RSA key")
            ),
            (
                "{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQ\",\"d\":\"AQ\",\"p\":\"AQ\",\"q\":\"AQ\"}",
                .damaged(kind: "an RSA key")
            ),
            ("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", .damaged(kind: "a private key")),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", .damaged(kind: "a private key")),
            ("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----", .damaged(kind: "an RSA key")),
            ("-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----", .damaged(kind: "a private key")),
            ("-----BEGIN PRIVATE KEY-----", .damaged(kind: "a private key")),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----", .openSSH),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", .certificate),
        ]
    )
    func texts(key: String, expected: SigningKeyError) throws {
        #expect(try error(Secret(key)) == expected)
    }

    @Test("that openssl made for something else is named, too")
    func files() async throws {
        let files = try KeyFiles()
        try await files.makeRSA("short", bits: 1_024)
        #expect(try error(files.secret("short")) == .shortRSA)
        #expect(try error(Secret(try await files.jwk(ofRSA: "short"))) == .shortRSA)
        for (curve, name) in [("P-384", "P-384"), ("P-521", "P-521"), ("secp256k1", "secp256k1")] {
            try await files.makeEC("curve", curve: curve)
            #expect(try error(files.secret("curve")) == .unsupported(kind: "a \(name) key"))
            try await OpenSSL.run(["ec", "-in", files.path("curve"), "-out", files.path("sec1")])
            #expect(try error(files.secret("sec1")) == .unsupported(kind: "a \(name) key"))
        }
        // Of the length of an Ed25519 key, and none.
        try await files.make("exchange", "-algorithm", "X25519")
        #expect(try error(files.secret("exchange")) == .unsupported(kind: "an X25519 key"))
        try await files.make("pss", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048")
        #expect(try error(files.secret("pss")) == .unsupported(kind: "an RSA key for RSASSA-PSS alone"))

        try await files.makeEC("key")
        try await files.makePublic("public", of: "key")
        #expect(try error(files.secret("public")) == .publicKey)
        let encrypting = ["-aes256", "-passout", "pass:hunter2"]
        try await OpenSSL.run(["pkey", "-in", files.path("key"), "-out", files.path("encrypted")] + encrypting)
        #expect(try error(files.secret("encrypted")) == .encrypted)
        try await OpenSSL.run(["ec", "-in", files.path("key"), "-out", files.path("old")] + encrypting)
        #expect(try files.text("old").contains("Proc-Type"))
        #expect(try error(files.secret("old")) == .encrypted)
        try await OpenSSL.run(["pkey", "-in", files.path("key"), "-outform", "DER", "-out", files.path("der")])
        #expect(try error(files.secret("der")) == .binary)
    }

    @Test("cut off or changed anywhere is refused, or signs all the same")
    func damage() async throws {
        let files = try KeyFiles()
        try await files.makeRSA("rsa")
        try await files.makeEC("ec")
        try await files.make("edwards", "-algorithm", "ED25519")
        for name in ["rsa", "ec", "edwards"] {
            let bytes = try files.secret(name).exposedBytes()
            for cut in stride(from: 0, to: bytes.count - 2, by: 7) {
                #expect(throws: SigningKeyError.self) { try SigningKey(Secret(bytes: Array(bytes.prefix(cut)))) }
            }
            for place in stride(from: 30, to: bytes.count - 30, by: 23) {
                var changed = bytes
                changed[place] = bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                guard let key = try? SigningKey(Secret(bytes: changed)) else { continue }
                let assertion = ClientAssertion(
                    issuer: "a",
                    subject: "a",
                    audience: "a",
                    issuedAt: .zero,
                    identifier: "a"
                )
                _ = try? await AssertionSigner(key: key).sign(assertion)
            }
        }
    }

    @Test("is never shown in its error")
    func secrecy() throws {
        let secret = "hunter2hunter2hunter2"
        for text in [
            "-----BEGIN PRIVATE KEY-----\n\(secret)\n-----END PRIVATE KEY-----", "{\"kty\":\"\(secret)", secret,
        ] {
            #expect(try error(Secret(text))?.description.contains("hunter2") == false)
        }
    }
}
