extension ProviderProfile {
    /// Salesforce; `domain` is the organisation's My Domain.
    ///
    /// It states no lifetime: a session lasts as long as the organisation's settings say, two hours unless changed.
    static let salesforce = ProviderProfile(
        endpoints: [
            .token: "https://{domain}/services/oauth2/token",
            .authorization: "https://{domain}/services/oauth2/authorize",
            .revocation: "https://{domain}/services/oauth2/revoke",
            .introspection: "https://{domain}/services/oauth2/introspect",
            .issuer: "https://{domain}",
            .jwks: "https://{domain}/id/keys",
        ],
        domainSuffix: ".my.salesforce.com",
        hosts: ["salesforce.com", "force.com"],
        clientAuthentication: .clientSecretPost,
        // That of a sandbox is test.salesforce.com.
        grantAudience: .fixed("https://login.salesforce.com"),
        // Half of the usual session, so that an organisation with the default is never served a dead token.
        unstatedLifetime: .duration(.seconds(3_600)),
        redirectMatching: .exact,
        codes: [
            "invalid_client_id": .configuration,
            "invalid_app_access": .configuration,
            "inactive_org": .configuration,
            "inactive_user": .configuration,
            "redirect_uri_mismatch": .configuration,
            "rate_limit_exceeded": .transient,
            "unknown_error": .transient,
        ],
        requestIDHeader: "x-sfdc-request-id"
    )
}
