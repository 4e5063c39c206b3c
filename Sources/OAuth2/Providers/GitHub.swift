extension ProviderProfile {
    /// GitHub, and GitHub Enterprise Server under its own domain.
    ///
    /// Its errors come under HTTP 200, and as a form unless JSON is asked for.
    static let github = ProviderProfile(
        endpoints: [
            .token: "https://{domain}/login/oauth/access_token",
            .authorization: "https://{domain}/login/oauth/authorize",
            .deviceAuthorization: "https://{domain}/login/device/code",
        ],
        defaultSettings: [.domain: "github.com"],
        hosts: ["github.com", "ghe.com"],
        clientAuthentication: .clientSecretPost,
        // Of those apps whose tokens expire it states the lifetime.
        unstatedLifetime: .never,
        // A refresh also ends the access token that callers still use.
        refreshAt: 0.95,
        codes: [
            "incorrect_client_credentials": .configuration,
            "redirect_uri_mismatch": .configuration,
            "device_flow_disabled": .configuration,
            "application_suspended": .configuration,
            "unverified_user_email": .loginRequired,
            "bad_verification_code": .loginRequired,
            "bad_refresh_token": .loginRequired,
            "incorrect_device_code": .loginRequired,
        ],
        requestIDHeader: "x-github-request-id",
        rateLimitResetHeader: "x-ratelimit-reset"
    )
}
