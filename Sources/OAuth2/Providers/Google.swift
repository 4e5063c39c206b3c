extension ProviderProfile {
    /// Google accounts and service accounts.
    static let google = ProviderProfile(
        endpoints: [
            .token: "https://oauth2.googleapis.com/token",
            .authorization: "https://accounts.google.com/o/oauth2/v2/auth",
            .deviceAuthorization: "https://oauth2.googleapis.com/device/code",
            .revocation: "https://oauth2.googleapis.com/revoke",
            .issuer: "https://accounts.google.com",
            .jwks: "https://www.googleapis.com/oauth2/v3/certs",
        ],
        hosts: ["oauth2.googleapis.com", "accounts.google.com"],
        clientAuthentication: .clientSecretPost,
        // A service account that names itself as the subject asks for a delegation to itself.
        assertionNamesScope: true,
        // Six months; one for a project that is still in testing ends a week after its issue.
        refreshTokenIdle: .seconds(180 * 86_400),
        authorizationParameters: [FormParameter(name: "access_type", value: "offline")],
        codes: [
            "invalid_rapt": .loginRequired,
            "rapt_required": .loginRequired,
            "admin_policy_enforced": .configuration,
            "org_internal": .configuration,
            "disabled_client": .configuration,
            "deleted_client": .configuration,
            "redirect_uri_mismatch": .configuration,
            "rate_limit_exceeded": .transient,
            "internal_failure": .transient,
        ]
    )
}
