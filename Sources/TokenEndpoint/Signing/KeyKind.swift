import FoundationEssentials

/// What kind of key a PKCS#8 or SEC 1 structure says it is.
///
/// By the object identifier in it: the libraries would take the bytes of some kinds for another's.
enum KeyKind: CaseIterable {
    case rsa, rsaPSS, p256, p384, p521, secp256k1, ed25519, ed448, x25519, x448, dsa

    /// The kind that the first object identifier of `structure` names; nil when it is none of these.
    ///
    /// - Parameter length: How much of the structure is looked at: where the key's own bytes begin they mean nothing.
    init?(in structure: Data, length: Int) {
        let head = structure.prefix(length)
        let found = KeyKind.allCases.compactMap { kind in head.firstRange(of: kind.objectIdentifier).map { ($0, kind) }
        }
        guard let kind = found.min(by: { $0.0.lowerBound < $1.0.lowerBound })?.1 else { return nil }
        self = kind
    }

    /// The kind as a sentence names it.
    var name: String {
        switch self {
        case .rsa: "an RSA key"
        case .rsaPSS: "an RSA key for RSASSA-PSS alone"
        case .p256: "a P-256 key"
        case .p384: "a P-384 key"
        case .p521: "a P-521 key"
        case .secp256k1: "a secp256k1 key"
        case .ed25519: "an Ed25519 key"
        case .ed448: "an Ed448 key"
        case .x25519: "an X25519 key"
        case .x448: "an X448 key"
        case .dsa: "a DSA key"
        }
    }

    /// In DER; of an elliptic curve, the curve's.
    private var objectIdentifier: Data {
        switch self {
        case .rsa: Data([0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01])
        case .rsaPSS: Data([0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A])
        case .p256: Data([0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07])
        case .p384: Data([0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22])
        case .p521: Data([0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23])
        case .secp256k1: Data([0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x0A])
        case .ed25519: Data([0x06, 0x03, 0x2B, 0x65, 0x70])
        case .ed448: Data([0x06, 0x03, 0x2B, 0x65, 0x71])
        case .x25519: Data([0x06, 0x03, 0x2B, 0x65, 0x6E])
        case .x448: Data([0x06, 0x03, 0x2B, 0x65, 0x6F])
        case .dsa: Data([0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x01])
        }
    }
}
