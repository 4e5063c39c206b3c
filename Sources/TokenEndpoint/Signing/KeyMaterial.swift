import Crypto
import CryptoExtras
import FoundationEssentials
import JWTKit
import OAuth2

/// A private key that signs.
enum KeyMaterial: Sendable {
    case rsa(JWTKit.Insecure.RSA.PrivateKey)
    case p256(ES256PrivateKey)
    case ed25519(EdDSA.PrivateKey)

    /// What it can sign with, the usual first.
    var algorithms: [SigningAlgorithm] {
        switch self {
        case .rsa: [.rs256, .ps256]
        case .p256: [.es256]
        case .ed25519: [.edDSA]
        }
    }

    /// The kind as a sentence names it.
    var kind: String {
        switch self {
        case .rsa: KeyKind.rsa.name
        case .p256: KeyKind.p256.name
        case .ed25519: KeyKind.ed25519.name
        }
    }

    /// Whether `certificate`, in PEM, is of this key; nil for a kind of which that cannot be told.
    func isCertified(by certificate: String) -> Bool? {
        switch self {
        case .rsa(let key): (try? JWTKit.Insecure.RSA.PublicKey(certificatePEM: certificate)) == key.publicKey
        case .p256(let key): (try? ES256PublicKey(certificate: certificate)) == key.publicKey
        case .ed25519: nil
        }
    }

    /// Reads PKCS#8 or, for RSA, PKCS#1, or, for elliptic curves, SEC 1.
    init(_ kind: KeyKind, structure: Data) throws(SigningKeyError) {
        self = try KeyMaterial.reading(kind) { () throws -> KeyMaterial in
            switch kind {
            case .rsa: .rsa(try .init(backing: try _RSA.Signing.PrivateKey(derRepresentation: structure)))
            case .p256: .p256(try ES256PrivateKey(backing: try P256.Signing.PrivateKey(derRepresentation: structure)))
            case .ed25519:
                .ed25519(EdDSA.PrivateKey(backing: try Curve25519.Signing.PrivateKey(derRepresentation: structure)))
            case .rsaPSS, .p384, .p521, .secp256k1, .ed448, .x25519, .x448, .dsa:
                throw SigningKeyError.unsupported(kind: kind.name)
            }
        }
    }

    /// Reads the members of a JWK that make an RSA key (RFC 7518 §6.3).
    init(n: Data, e: Data, d: Data, p: Data, q: Data) throws(SigningKeyError) {
        self = try KeyMaterial.reading(.rsa) {
            .rsa(try .init(backing: try _RSA.Signing.PrivateKey(n: n, e: e, d: d, p: p, q: q)))
        }
    }

    /// Reads the member `d` of a JWK on a curve (RFC 7518 §6.2.2, RFC 8037 §2).
    init(_ kind: KeyKind, d: Data) throws(SigningKeyError) {
        self = try KeyMaterial.reading(kind) { () throws -> KeyMaterial in
            kind == .p256
                ? .p256(try ES256PrivateKey(backing: try P256.Signing.PrivateKey(rawRepresentation: d)))
                : .ed25519(EdDSA.PrivateKey(backing: try Curve25519.Signing.PrivateKey(rawRepresentation: d)))
        }
    }

    private static func reading(
        _ kind: KeyKind,
        _ read: () throws -> KeyMaterial
    ) throws(SigningKeyError) -> KeyMaterial {
        do {
            return try read()
        } catch let error as SigningKeyError {
            throw error
        } catch CryptoKitError.incorrectParameterSize where kind == .rsa {
            throw .shortRSA
        } catch {
            throw .damaged(kind: kind.name)
        }
    }
}
