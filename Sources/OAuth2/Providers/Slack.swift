extension ProviderProfile {
    /// Slack.
    ///
    /// Its errors come under HTTP 200 with `"ok": false`, and a user's token stands in a member of its own.
    static let slack = ProviderProfile(
        endpoints: [
            .token: "https://slack.com/api/oauth.v2.access",
            .authorization: "https://slack.com/oauth/v2/authorize",
            .revocation: "https://slack.com/api/auth.revoke",
        ],
        hosts: ["slack.com"],
        // Where token rotation is on it states the lifetime.
        unstatedLifetime: .never,
        redirectMatching: .exact,
        nestedToken: "authed_user",
        codes: [
            "invalid_client_id": .configuration,
            "bad_client_secret": .configuration,
            "bad_redirect_uri": .configuration,
            "invalid_grant_type": .configuration,
            "invalid_arguments": .configuration,
            "oauth_authorization_url_mismatch": .configuration,
            "team_access_not_granted": .configuration,
            "invalid_refresh_token": .loginRequired,
            "token_expired": .loginRequired,
            "token_revoked": .loginRequired,
            "account_inactive": .loginRequired,
            "invalid_auth": .loginRequired,
            "invalid_code": .loginRequired,
            "code_already_used": .loginRequired,
            "ratelimited": .transient,
            "internal_error": .transient,
            "fatal_error": .transient,
            "service_unavailable": .transient,
            "request_timeout": .transient,
            "team_added_to_org": .transient,
        ],
        requestIDHeader: "x-slack-req-id"
    )
}
