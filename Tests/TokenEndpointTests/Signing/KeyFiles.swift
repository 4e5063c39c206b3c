import Foundation
import OAuth2
import TestNetwork
import TokenEndpoint

/// Key files as operators have them, made by openssl in a directory that lives as long as a test.
final class KeyFiles {
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    func path(_ name: String) -> String { directory.appending(path: name).path }

    func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    func write(_ data: Data, to name: String) throws { try data.write(to: directory.appending(path: name)) }

    func secret(_ name: String) throws -> Secret {
        Secret(bytes: Array(try Data(contentsOf: directory.appending(path: name))))
    }

    /// A key in PKCS#8.
    func make(_ name: String, _ options: String...) async throws {
        try await OpenSSL.run(["genpkey", "-out", path(name)] + options)
    }

    func makeRSA(_ name: String, bits: Int = 2_048) async throws {
        try await make(name, "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:\(bits)")
    }

    func makeEC(_ name: String, curve: String = "P-256") async throws {
        try await make(name, "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(curve)")
    }

    func makePublic(_ name: String, of key: String) async throws {
        try await OpenSSL.run(["pkey", "-in", path(key), "-pubout", "-out", path(name)])
    }

    func makeCertificate(_ name: String, of key: String) async throws {
        try await OpenSSL.run(
            ["req", "-x509", "-new", "-subj", "/CN=client", "-days", "2", "-key", path(key), "-out", path(name)]
        )
    }

    /// The members of an RSA key as a JWK has them.
    func jwk(ofRSA key: String, without left: Set<String> = [], adding more: [String: String] = [:]) async throws
        -> String
    {
        try await OpenSSL.run(["rsa", "-in", path(key), "-traditional", "-out", path("traditional")])
        let numbers = try await OpenSSL.run(["asn1parse", "-in", path("traditional")]).split(separator: "\n")
            .filter { $0.contains("INTEGER") }.map { String($0.split(separator: ":").last ?? "") }
        var members = more.merging(["kty": "RSA"]) { more, _ in more }
        // The first is the version.
        for (name, number) in zip(["n", "e", "d", "p", "q", "dp", "dq", "qi"], numbers.dropFirst())
        where !left.contains(name) {
            members[name] = base64URL(bytes(ofHex: number))
        }
        return String(decoding: try JSONEncoder().encode(members), as: UTF8.self)
    }

    private func bytes(ofHex hex: String) -> Data {
        var (rest, data) = (hex[...], Data())
        while !rest.isEmpty {
            data.append(UInt8(rest.prefix(2), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return data
    }
}

func base64URL(_ data: Data) -> String {
    data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
}

/// The keys that RFC 7515 appendix A.3 and RFC 8037 appendix A.1 print.
enum PublishedKey {
    static let p256 = """
        {"kty":"EC","crv":"P-256","kid":"printed","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
        "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
        """
    static let ed25519 = """
        {"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
        """
}

/// A compact JWS taken apart.
struct SignedAssertion {
    let input: Data
    let header: [String: String]
    let claims: Claims
    let signature: Data

    struct Claims: Decodable, Equatable {
        var iss, aud, jti: String
        var sub, scope: String?
        var iat, exp: Int
        var nbf: Int?
    }

    init(_ secret: Secret) throws {
        let parts = secret.exposed().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw CocoaError(.coderReadCorrupt) }
        input = Data((parts[0] + "." + parts[1]).utf8)
        header = try JSONDecoder().decode([String: String].self, from: try SignedAssertion.decode(parts[0]))
        claims = try JSONDecoder().decode(Claims.self, from: try SignedAssertion.decode(parts[1]))
        signature = try SignedAssertion.decode(parts[2])
    }

    private static func decode(_ part: Substring) throws -> Data {
        let base64 = part.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: base64 + padding) else { throw CocoaError(.coderReadCorrupt) }
        return data
    }

    /// Whether openssl finds the signature to be of the key whose public half is in `publicKey`.
    func isVerified(by publicKey: String, as algorithm: SigningAlgorithm, in files: KeyFiles) async throws -> Bool {
        try files.write(input, to: "input")
        try files.write(algorithm == .es256 ? derSignature : signature, to: "signature")
        let key = files.path(publicKey)
        let digest = ["dgst", "-sha256", "-verify", key, "-signature", files.path("signature")]
        let arguments: [String] =
            switch algorithm {
            case .rs256, .es256: digest + [files.path("input")]
            case .ps256:
                digest + ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", files.path("input")]
            case .edDSA:
                ["pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", files.path("input")]
                    + ["-sigfile", files.path("signature")]
            case .hs256: []
            }
        do {
            try await OpenSSL.run(arguments)
            return true
        } catch is OpenSSL.Failure {
            return false
        }
    }

    /// As openssl has it, where a JWS has two numbers side by side (RFC 7518 §3.4).
    private var derSignature: Data {
        func integer(_ bytes: Data) -> Data {
            var bytes = Data(bytes.drop { $0 == 0 })
            if (bytes.first ?? 0x80) >= 0x80 { bytes.insert(0, at: bytes.startIndex) }
            return Data([0x02, UInt8(bytes.count)]) + bytes
        }
        let numbers = integer(signature.prefix(32)) + integer(signature.suffix(32))
        return Data([0x30, UInt8(numbers.count)]) + numbers
    }
}
