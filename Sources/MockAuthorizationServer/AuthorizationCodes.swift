import Crypto
import Foundation

/// The codes of logins in a browser (RFC 6749 §4.1.2); pure, the time is passed in.
struct AuthorizationCodes: Sendable {
    /// RFC 6749 §4.1.2 allows ten minutes at the most; a client on the same machine needs a second.
    static let lifetime = Duration.seconds(60)

    /// Enough for every test, too little to fill a machine over days.
    static let capacity = 10_000

    /// What a code is bound to.
    struct Binding: Sendable {
        let redirectURI: String

        /// The verifier's SHA-256 in base64url (RFC 7636 §4.2).
        let challenge: String
    }

    /// A code in a token request.
    struct Presented {
        let value: String
        let clientID: String
        let redirectURI: String?
        let verifier: String?
    }

    /// What a code is good for.
    enum Redemption {
        case login(Login)

        /// It was used before: what came from it is to be revoked (RFC 6749 §4.1.2).
        case reused(issued: [String])
    }

    private struct Entry: Sendable {
        let login: Login
        let binding: Binding
        let expiresAt: Duration
        var isSpent = false
        var issued: [String] = []
    }

    private var entries: [String: Entry] = [:]
    private var order: [String] = []

    /// A code for `login`.
    mutating func issue(_ login: Login, _ binding: Binding, now: Duration) -> String {
        let value = RandomToken.make("code")
        entries[value] = Entry(login: login, binding: binding, expiresAt: now + AuthorizationCodes.lifetime)
        order.append(value)
        if order.count > AuthorizationCodes.capacity { entries[order.removeFirst()] = nil }
        return value
    }

    /// Uses a code, which is spent by it even when something else is wrong.
    mutating func redeem(_ presented: Presented, now: Duration) throws(OAuthError) -> Redemption {
        guard let entry = entries[presented.value] else {
            throw OAuthError("invalid_grant", "unknown code", objection: .codeUnknown)
        }
        guard entry.login.clientID == presented.clientID else {
            throw OAuthError(
                "invalid_grant",
                "the code was issued to another client",
                objection: .codeOfAnotherClient
            )
        }
        guard !entry.isSpent else { return .reused(issued: entry.issued) }
        entries[presented.value]?.isSpent = true
        guard now < entry.expiresAt else {
            throw OAuthError("invalid_grant", "the code has expired", objection: .codeExpired)
        }
        guard presented.redirectURI == entry.binding.redirectURI else {
            throw OAuthError(
                "invalid_grant",
                "redirect_uri differs from the authorization request's",
                objection: .redirectDiffers
            )
        }
        guard let verifier = presented.verifier, CodeChallenge.of(verifier) == entry.binding.challenge else {
            throw OAuthError(
                "invalid_grant",
                "code_verifier does not match the challenge (RFC 7636 §4.6)",
                objection: .verifierDiffers
            )
        }
        return .login(entry.login)
    }

    /// Whether the code is one of ours, spent or not.
    func wasIssued(_ value: String) -> Bool { entries[value] != nil }

    /// Spends a code that brought nothing.
    mutating func spend(_ value: String) { entries[value]?.isSpent = true }

    /// Notes the tokens that came from a code.
    mutating func note(_ tokens: [String], from value: String) { entries[value]?.issued = tokens }
}

/// RFC 7636 §4.2.
enum CodeChallenge {
    static func of(_ verifier: String) -> String { Base64URL.encode(SHA256.hash(data: Data(verifier.utf8))) }
}
