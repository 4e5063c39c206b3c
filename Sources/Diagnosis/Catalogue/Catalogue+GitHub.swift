import OAuth2

extension Catalogue {
    /// GitHub, whose errors come under HTTP 200.
    static let github = Catalogue(
        signatures: [
            SignatureRow(
                Signature(errors: ["incorrect_client_credentials"]),
                [
                    (.wrongSecret, 60), (.unknownClient, 45), (.secretReplaced, 30), (.secretMalformed, 0),
                    (.identifierAndSecretSwapped, 0), (.secretNotSent, 0),
                ]
            ),
            SignatureRow(
                Signature(grants: [.refreshToken], errors: ["bad_refresh_token", "bad_verification_code"]),
                [
                    (.refreshTokenReused, 45), (.refreshTokenExpired, 42), (.refreshTokenRevoked, 40),
                    (.refreshTokenOfAnotherClient, 15), (.wrongSecret, 0),
                ]
            ),
            SignatureRow(
                Signature(errors: ["bad_verification_code"]),
                [(.codeExpired, 50), (.codeReused, 48), (.verifierMismatch, 15), (.codeConsumedByFirstError, 0)]
            ),
            SignatureRow(Signature(errors: ["incorrect_device_code"]), [(.codeExpired, 60), (.codeReused, 30)]),
            SignatureRow(Signature(errors: ["redirect_uri_mismatch"]), [(.redirectMismatch, 150)]),
            SignatureRow(Signature(errors: ["device_flow_disabled"]), [(.grantNotAllowed, 150)]),
            SignatureRow(Signature(errors: ["application_suspended"]), [(.disabledClient, 150)]),
            SignatureRow(Signature(errors: ["unverified_user_email"]), [(.personWanted, 150)]),
            SignatureRow(
                Signature(errors: ["unsupported_grant_type"]),
                [(.grantNotOffered, 80), (.grantNotAllowed, 30)]
            ),
            // It answers an unknown client like an unknown page.
            SignatureRow(
                Signature(statuses: [404]),
                [(.unknownClient, 55), (.wrongPath, 50)]
            ),
        ],
        places: [
            .wrongSecret: "\(githubApp): Client secrets, by their last eight characters",
            .secretReplaced: "\(githubApp): Client secrets, and when each was last used",
            .unknownClient: "\(githubApp): Client ID",
            .disabledClient: "\(githubApp), and the mail of its owner",
            .grantNotAllowed: "\(githubApp): Enable Device Flow",
            .redirectMismatch: "\(githubApp): Callback URL",
            .refreshTokenRevoked: "the person's Settings > Applications > Authorized GitHub Apps",
            .refreshTokenExpired: "\(githubApp) > Optional features: User-to-server token expiration",
            .personWanted: "the person's Settings > Emails",
            .serverFailing: "https://www.githubstatus.com",
        ],
        remedies: [
            .grantNotAllowed: "Turn on Enable Device Flow in the settings of the application.",
            .personWanted: "Have the person verify their primary email address, and log in again: `tokenctl login "
                + "{client}`.",
        ]
    )

    private static let githubApp = "GitHub > Settings > Developer settings > the application"
}
