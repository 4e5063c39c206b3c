extension ProviderProfile {
    /// Okta; `realm` is the identifier of a custom authorization server.
    static let okta = ProviderProfile(
        endpoints: [
            .token: "https://{domain}/oauth2/{realm}/v1/token",
            .authorization: "https://{domain}/oauth2/{realm}/v1/authorize",
            .deviceAuthorization: "https://{domain}/oauth2/{realm}/v1/device/authorize",
            .revocation: "https://{domain}/oauth2/{realm}/v1/revoke",
            .introspection: "https://{domain}/oauth2/{realm}/v1/introspect",
            .issuer: "https://{domain}/oauth2/{realm}",
            .jwks: "https://{domain}/oauth2/{realm}/v1/keys",
        ],
        domainSuffix: ".okta.com",
        // The one that every organisation begins with.
        defaultSettings: [.realm: "default"],
        hosts: ["okta.com", "oktapreview.com", "okta-emea.com"],
        // "must be the endpoint invoked for the request".
        clientAudience: .askedEndpoint,
        // By the access policy that every organisation begins with, which sets no end besides.
        refreshTokenIdle: .seconds(7 * 86_400),
        redirectMatching: .exact,
        codes: [
            // Too many requests, and too many at once.
            "e0000047": .transient,
            "e0000068": .configuration,
            "e0000009": .transient,
            "e0000022": .configuration,
        ],
        requestIDHeader: "x-okta-request-id",
        rateLimitResetHeader: "x-rate-limit-reset"
    )
}
