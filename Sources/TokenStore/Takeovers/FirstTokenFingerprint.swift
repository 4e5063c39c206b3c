import Crypto
import Foundation
package import OAuth2

/// Tells one first refresh token from another, without giving it away.
package struct FirstTokenFingerprint: Sendable, Hashable {
    /// More than any search for another token with the same fingerprint gets through.
    private static let byteCount = 16

    /// Who takes it over, or took it; the same token under another name is the same token.
    package let client: ClientName

    /// Of the token, in hexadecimal digits.
    package let value: String

    /// Hashes `token`.
    package init(client: ClientName, token: Secret) {
        var hash = SHA256()
        // The label keeps it apart from every other hash of the same token.
        hash.update(data: Array("tokenbroker first refresh token\0".utf8))
        unsafe token.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        self.client = client
        value = hash.finalize().prefix(FirstTokenFingerprint.byteCount).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        .joined()
    }

    /// Reads what was recorded; nil when `value` is no fingerprint.
    init?(client: ClientName, value: some StringProtocol) {
        let digits = value.utf8
        guard digits.count == 2 * FirstTokenFingerprint.byteCount,
            digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.client = client
        self.value = String(value)
    }
}

/// The record that a first refresh token was taken over, and when: it may be spent since.
struct Takeover: Sendable, Equatable {
    let firstToken: FirstTokenFingerprint

    /// Since 1970-01-01 UTC, for people to read.
    let at: Duration

    init(firstToken: FirstTokenFingerprint, at: Duration) {
        self.firstToken = firstToken
        self.at = at
    }
}
