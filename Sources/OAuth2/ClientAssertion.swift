/// How an assertion is signed (RFC 7518 §3.1, RFC 8037 §3.1).
package enum SigningAlgorithm: String, Sendable, Hashable, CaseIterable {
    /// With the client's secret.
    case hs256 = "HS256"
    case rs256 = "RS256"
    case ps256 = "PS256"
    case es256 = "ES256"
    case edDSA = "EdDSA"

    /// Whether it takes a secret that the server has, too.
    package var isSymmetric: Bool { self == .hs256 }
}

/// What a client says of itself, or of the user it acts for, before it is signed (RFC 7523 §3).
package struct ClientAssertion: Sendable, Hashable {
    /// Who says it: the client, or the service account.
    package var issuer: String

    /// Of whom it is said; nil where a server takes it for the issuer.
    package var subject: String?

    /// To whom: the token endpoint or the issuer, as the server wants it.
    package var audience: String

    /// When, in seconds since the epoch.
    package var issuedAt: Duration

    /// Never the same twice (RFC 7523 §3, item 7).
    package var identifier: String

    /// What is asked for, where the assertion itself has to say it.
    package var scope: String?

    /// Servers refuse what lives long, and replays end with it; half of that is left on a clock that is half off.
    package static let lifetime = Duration.seconds(60)

    package init(
        issuer: String,
        subject: String?,
        audience: String,
        issuedAt: Duration,
        identifier: String,
        scope: String? = nil
    ) {
        self.issuer = issuer
        self.subject = subject
        self.audience = audience
        self.issuedAt = issuedAt
        self.identifier = identifier
        self.scope = scope
    }
}
