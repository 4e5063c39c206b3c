/// An access token that the server gave.
package struct IssuedToken: Sendable, Equatable {
    /// What the client presents to a resource.
    package let value: String
    package let clientID: String

    /// Scope tokens separated by spaces, as granted.
    package let scope: String
    package let audience: [String]

    /// When it was given and when it ends, since 1970-01-01 UTC.
    package let issuedAt: Duration
    package let expiresAt: Duration
    package var isRevoked = false

    /// Whether introspection calls it active.
    package func isActive(at now: Duration) -> Bool { !isRevoked && now < expiresAt }
}
