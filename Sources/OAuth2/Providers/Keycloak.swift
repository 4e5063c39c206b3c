extension ProviderProfile {
    /// Keycloak 17 or later; before, its paths began with `/auth`, and `issuer` is the way to name it.
    static let keycloak = ProviderProfile(
        endpoints: [
            .token: "https://{domain}/realms/{realm}/protocol/openid-connect/token",
            .authorization: "https://{domain}/realms/{realm}/protocol/openid-connect/auth",
            .deviceAuthorization: "https://{domain}/realms/{realm}/protocol/openid-connect/auth/device",
            .revocation: "https://{domain}/realms/{realm}/protocol/openid-connect/revoke",
            .introspection: "https://{domain}/realms/{realm}/protocol/openid-connect/token/introspect",
            .issuer: "https://{domain}/realms/{realm}",
            .jwks: "https://{domain}/realms/{realm}/protocol/openid-connect/certs",
        ],
        codes: [
            "not_allowed": .configuration,
            "unknown_error": .transient,
        ]
    )
}
