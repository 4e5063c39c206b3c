extension ProviderProfile {
    /// Auth0.
    static let auth0 = ProviderProfile(
        endpoints: [
            .token: "https://{domain}/oauth/token",
            .authorization: "https://{domain}/authorize",
            .deviceAuthorization: "https://{domain}/oauth/device/code",
            .revocation: "https://{domain}/oauth/revoke",
            .issuer: "https://{domain}/",
            .jwks: "https://{domain}/.well-known/jwks.json",
        ],
        domainSuffix: ".auth0.com",
        hosts: ["auth0.com"],
        clientAuthentication: .clientSecretPost,
        // Its issuer, whose slash at the end counts.
        clientAudience: .origin,
        // What an application whose refresh tokens expire begins with, rotated or not; others have no end.
        refreshTokenLifetime: .seconds(30 * 86_400),
        refreshTokenIdle: .seconds(15 * 86_400),
        redirectMatching: .exact,
        codes: [
            "too_many_attempts": .transient,
            "mfa_required": .loginRequired,
            "mfa_registration_required": .loginRequired,
            "requires_verification": .loginRequired,
            "unsupported_challenge_type": .configuration,
        ],
        requestIDHeader: "x-auth0-requestid",
        rateLimitResetHeader: "x-ratelimit-reset"
    )
}
