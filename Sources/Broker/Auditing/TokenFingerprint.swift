internal import Crypto
internal import OAuth2

/// Tells one access token from another in the audit, without giving it away.
struct TokenFingerprint: Sendable, Hashable {
    /// Enough to tell the tokens of a machine apart; too little to be of use with a token that could be guessed.
    private static let byteCount = 8

    private let number: UInt64

    /// Hashes `token`.
    init(_ token: Secret) {
        var hash = SHA256()
        // The label keeps it apart from every other hash of the same token.
        hash.update(data: Array("tokenbroker access token\0".utf8))
        token.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { buffer in unsafe hash.update(bufferPointer: buffer) }
        }
        number = hash.finalize().prefix(Self.byteCount).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// In hexadecimal digits.
    var text: String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 2 * Self.byteCount - digits.count) + digits
    }
}
