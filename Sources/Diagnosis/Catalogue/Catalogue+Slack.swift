import OAuth2

extension Catalogue {
    /// Slack, whose errors come under HTTP 200.
    static let slack = Catalogue(
        signatures: [
            SignatureRow(
                Signature(errors: ["bad_client_secret"]),
                [(.wrongSecret, 110), (.secretReplaced, 50), (.secretMalformed, 0)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_client_id"]),
                [(.unknownClient, 110), (.identifierAndSecretSwapped, 0), (.disabledClient, 20)]
            ),
            SignatureRow(
                Signature(errors: ["bad_redirect_uri", "oauth_authorization_url_mismatch"]),
                [(.redirectMismatch, 110), (.wrongPath, 20)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_grant_type"]),
                [(.grantNotOffered, 70), (.grantNotAllowed, 60)]
            ),
            SignatureRow(
                Signature(errors: ["team_access_not_granted"]),
                [(.consentMissing, 80), (.grantNotAllowed, 40)]
            ),
            SignatureRow(Signature(errors: ["invalid_arguments"]), [(.requestMalformed, 80)]),
            SignatureRow(
                Signature(errors: ["invalid_refresh_token", "invalid_auth"]),
                [
                    (.refreshTokenReused, 50), (.refreshTokenRevoked, 45), (.refreshTokenOfAnotherClient, 20),
                    (.refreshTokenExpired, 15), (.wrongSecret, 0),
                ]
            ),
            SignatureRow(
                Signature(errors: ["token_expired"]),
                [(.refreshTokenExpired, 110), (.refreshTokenRevoked, 20)]
            ),
            SignatureRow(Signature(errors: ["token_revoked"]), [(.refreshTokenRevoked, 110), (.sessionEnded, 50)]),
            SignatureRow(Signature(errors: ["account_inactive"]), [(.sessionEnded, 110), (.disabledClient, 40)]),
            SignatureRow(Signature(errors: ["code_already_used"]), [(.codeReused, 150), (.codeExpired, 20)]),
            SignatureRow(
                Signature(errors: ["invalid_code"]),
                [(.codeExpired, 50), (.codeReused, 48), (.redirectMismatch, 20)]
            ),
            SignatureRow(Signature(errors: ["ratelimited"]), [(.throttled, 150)]),
            SignatureRow(
                Signature(
                    errors: [
                        "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org",
                    ]
                ),
                [(.serverFailing, 110)]
            ),
        ],
        places: [
            .wrongSecret: "\(slackApp) > Basic Information > App Credentials",
            .unknownClient: "\(slackApp) > Basic Information > App Credentials",
            .secretReplaced: "\(slackApp) > Basic Information > App Credentials",
            .redirectMismatch: "\(slackApp) > OAuth & Permissions > Redirect URLs",
            .refreshTokenReused: "\(slackApp) > OAuth & Permissions: token rotation",
            .refreshTokenRevoked: "the workspace's administration > Installed apps",
            .sessionEnded: "the workspace's administration > Members",
            .consentMissing: "the workspace's administration > Approved apps",
            .serverFailing: "https://slack-status.com",
        ]
    )

    private static let slackApp = "api.slack.com/apps > the application"
}
