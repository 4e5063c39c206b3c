/// What a token endpoint granted (RFC 6749 §5.1).
package struct TokenResponse: Sendable, Equatable {
    /// Visible ASCII and not empty, so that it can stand in a header.
    package var accessToken: Secret

    /// `Bearer` when the server wrote that in any case, or nothing; otherwise its own word.
    package var tokenType: String

    /// Whole seconds, more than 0 and at most `maximumLifetime`; nil when the server stated none that can be believed.
    package var expiresIn: Duration?

    /// What was granted; nil means: as requested.
    package var scope: ScopeSet?

    /// A refresh token that takes the place of the old one; nil means: keep the old one (RFC 6749 §6).
    package var refreshToken: Secret?

    /// Ten years: beyond it a lifetime is a server's way to say "very long", and sums with it could overflow.
    package static let maximumLifetime = Duration.seconds(10 * 365 * 86_400)

    package init(
        accessToken: Secret,
        tokenType: String = "Bearer",
        expiresIn: Duration? = nil,
        scope: ScopeSet? = nil,
        refreshToken: Secret? = nil
    ) {
        self.accessToken = accessToken
        self.tokenType = tokenType
        self.expiresIn = expiresIn
        self.scope = scope
        self.refreshToken = refreshToken
    }
}
