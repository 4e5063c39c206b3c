/// An access token that the server gave.
package struct IssuedToken: Sendable, Equatable {
    /// What the client presents to a resource.
    package let value: String

    /// Who it was given to.
    package let clientID: String

    /// Scope tokens separated by spaces, as granted.
    package let scope: String

    /// What it is for: `audience` and `resource` (RFC 8707) as asked.
    package let audience: [String]

    /// Who logged in for it; nil when nobody did.
    package let subject: String?

    /// When it was given, since 1970-01-01 UTC.
    package let issuedAt: Duration

    /// When it ends, since 1970-01-01 UTC.
    package let expiresAt: Duration

    /// Whether it was ended before its time.
    package var isRevoked = false

    /// Whether introspection calls it active.
    package func isActive(at now: Duration) -> Bool { !isRevoked && now < expiresAt }
}
