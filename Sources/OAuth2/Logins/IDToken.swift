internal import FoundationEssentials

/// What an ID token says of who logged in (OpenID Connect Core §2).
///
/// Its signature is not looked at: it came from the token endpoint itself, over TLS that proved whose it is, which may
/// stand in for the signature (§3.1.3.7, number 6). It decides nothing but whose grant it is.
package enum IDToken {
    /// Why an ID token names nobody.
    package enum Refusal: Error, Sendable, Hashable {
        /// It is none, or names no subject.
        case malformed

        /// Another issuer's.
        case issuerDiffers

        /// For another client.
        case audienceDiffers

        /// It was over when it came.
        case expired
    }

    /// No subject identifier is longer (§2).
    private static let longestID = 255

    /// Longer than every address.
    private static let longestName = 320

    /// Clocks differ by less (§2 allows a few minutes).
    private static let leeway = Duration.seconds(300)

    /// The subject of `token`.
    ///
    /// - Parameters:
    ///   - issuer: Whose it must be; nil when that is not known.
    ///   - clientID: For whom it must be.
    ///   - now: Since 1970-01-01 UTC.
    package static func subject(
        of token: Secret,
        issuer: String?,
        clientID: String,
        now: Duration
    ) throws(Refusal) -> LoginSubject {
        guard let claims = claims(of: token) else { throw .malformed }
        if let issuer {
            guard claims["iss"]?.string?.unicodeScalars.elementsEqual(issuer.unicodeScalars) == true else {
                throw .issuerDiffers
            }
        }
        let audiences = claims["aud"]?.string.map { [$0] } ?? claims["aud"]?.array?.compactMap(\.string) ?? []
        guard audiences.contains(where: { $0.unicodeScalars.elementsEqual(clientID.unicodeScalars) }) else {
            throw .audienceDiffers
        }
        if let end = claims["exp"]?.decimal, end < Double((now - leeway).components.seconds) { throw .expired }
        guard let id = claims["sub"]?.string, !id.isEmpty, id.utf8.count <= longestID else { throw .malformed }
        return LoginSubject(id: id, name: name(claims))
    }

    private static func name(_ claims: [String: JSONValue]) -> String? {
        for claim in ["email", "preferred_username"] {
            guard let text = claims[claim]?.string, !text.isEmpty else { continue }
            return ServerWords.printable(text, maximumBytes: longestName)
        }
        return nil
    }

    /// The claims of a JWT (RFC 7519 §3), unverified; nil for what is none.
    static func claims(of token: Secret) -> [String: JSONValue]? {
        let parts = token.exposed().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        let text = parts[1].replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - text.count % 4) % 4)
        guard let payload = Data(base64Encoded: text + padding) else { return nil }
        return JSONValue(bytes: payload)?.object
    }
}
