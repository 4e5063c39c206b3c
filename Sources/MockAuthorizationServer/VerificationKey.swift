import Crypto
import CryptoExtras
import Foundation

/// A public key that a client has registered.
package struct VerificationKey: Sendable, Equatable {
    /// `kid`; nil for a key that every assertion may be signed with.
    package var id: String?

    private let material: Material

    private enum Material: Sendable, Equatable {
        case pem(String)
        case jwk([String: JSONValue])
    }

    /// A key in PEM (`BEGIN PUBLIC KEY`).
    package init(pem: String, id: String? = nil) {
        material = .pem(pem)
        self.id = id
    }

    /// A key as RFC 7517 §4 has it.
    package init(jwk: [String: JSONValue]) {
        material = .jwk(jwk)
        if case .string(let id) = jwk["kid"] { self.id = id }
    }

    /// Whether `signature` is this key's under `message`; false too for a key that is not of the algorithm.
    func verifies(_ signature: [UInt8], of message: [UInt8], algorithm: AssertionAlgorithm) -> Bool {
        switch algorithm {
        case .hs256: false
        case .rs256: rsa?.isValidSignature(.init(rawRepresentation: signature), for: message, padding: .pkcs1) ?? false
        case .ps256: rsa?.isValidSignature(.init(rawRepresentation: signature), for: message, padding: .PSS) ?? false
        case .es256:
            if let key = p256, let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) {
                key.isValidSignature(signature, for: message)
            } else {
                false
            }
        case .edDSA: ed25519?.isValidSignature(signature, for: message) ?? false
        }
    }

    private var rsa: _RSA.Signing.PublicKey? {
        switch material {
        case .pem(let pem): try? _RSA.Signing.PublicKey(pemRepresentation: pem)
        case .jwk:
            if let n = coordinate("n"), let e = coordinate("e") { try? _RSA.Signing.PublicKey(n: n, e: e) } else { nil }
        }
    }

    private var p256: P256.Signing.PublicKey? {
        switch material {
        case .pem(let pem): try? P256.Signing.PublicKey(pemRepresentation: pem)
        case .jwk:
            if let x = coordinate("x"), let y = coordinate("y") {
                try? P256.Signing.PublicKey(rawRepresentation: x + y)
            } else {
                nil
            }
        }
    }

    private var ed25519: Curve25519.Signing.PublicKey? {
        switch material {
        case .pem(let pem): try? Curve25519.Signing.PublicKey(pemRepresentation: pem)
        case .jwk: coordinate("x").flatMap { try? Curve25519.Signing.PublicKey(rawRepresentation: $0) }
        }
    }

    private func coordinate(_ name: String) -> [UInt8]? {
        guard case .jwk(let members) = material, case .string(let text) = members[name] else { return nil }
        return Base64URL.decode(text)
    }
}

extension VerificationKey: Codable {
    /// Reads a PEM text, a JWK, or `{"pem", "kid"}`.
    package init(from decoder: any Decoder) throws {
        switch try JSONValue(from: decoder) {
        case .string(let pem): self.init(pem: pem)
        case .object(let members):
            if case .string(let pem) = members["pem"] {
                self.init(pem: pem)
                if case .string(let id) = members["kid"] { self.id = id }
            } else {
                self.init(jwk: members)
            }
        default:
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a key is a PEM text or a JWK")
            )
        }
    }

    /// Writes what is read.
    package func encode(to encoder: any Encoder) throws {
        switch material {
        case .pem(let pem):
            let members: JSONValue = ["pem": .string(pem), "kid": id.map(JSONValue.string) ?? .null]
            try members.encode(to: encoder)
        case .jwk(let members): try JSONValue.object(members).encode(to: encoder)
        }
    }
}

extension _RSA.Signing.Padding {
    /// What RS256 is, whatever the library thinks of it.
    fileprivate static var pkcs1: Self { .insecurePKCS1v1_5 }
}
