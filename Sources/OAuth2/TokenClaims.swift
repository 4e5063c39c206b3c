/// What an access token that is a JWT says of itself, as far as it is not about a person (RFC 9068 §2.2).
///
/// Its signature is not looked at: the claims are shown to an operator, and decide nothing.
package enum TokenClaims {
    /// Who gave the token, to which client, for what, and until when.
    private static let shown = [
        "iss", "aud", "client_id", "azp", "scope", "scp", "token_use", "exp", "iat",
    ]

    /// The subject is the client itself where it asks by its own authority, and else a person.
    private static let subject = "sub"

    /// Longer than every audience; a list of scopes may be cut.
    private static let longestValue = 300

    /// The claims of `token` by their names; empty for one that is no JWT.
    ///
    /// - Parameter isClientsOwn: Whether no person stands behind it.
    package static func summary(of token: Secret, isClientsOwn: Bool) -> [String: String] {
        guard let claims = IDToken.claims(of: token) else { return [:] }
        let names = isClientsOwn ? shown + [subject] : shown
        return names.reduce(into: [:]) { summary, name in
            summary[name] = claims[name].flatMap(text).flatMap { text in
                ServerWords.legible(text, maximumBytes: longestValue)
            }
        }
    }

    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .number(let number): Int(exactly: number.rounded(.down)).map(String.init)
        case .array(let elements): elements.compactMap(\.string).joined(separator: " ")
        case .null, .boolean, .object, .unreadable: nil
        }
    }
}
