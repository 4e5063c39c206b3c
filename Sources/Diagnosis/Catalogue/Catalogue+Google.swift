import OAuth2

extension Catalogue {
    /// Google accounts and service accounts.
    static let google = Catalogue(
        signatures: [
            SignatureRow(
                Signature(errors: ["invalid_rapt", "rapt_required"]),
                [(.personWanted, 150), (.sessionEnded, 30)]
            ),
            SignatureRow(
                Signature(words: ["short-lived token", "reasonable timeframe", "iat and exp"]),
                [(.clockWrong, 130), (.assertionRefused, 40)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_grant"], words: ["jwt", "assertion"]),
                [(.assertionRefused, 80), (.clockWrong, 50)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_grant"], words: ["account not found"]),
                [(.unknownClient, 60), (.disabledClient, 50)]
            ),
            SignatureRow(
                Signature(grants: [.refreshToken], errors: ["invalid_grant"]),
                [
                    (.refreshTokenRevoked, 45), (.publisherTesting, 42), (.refreshTokenExpired, 30),
                    (.sessionEnded, 30), (.refreshTokenOfAnotherClient, 10), (.refreshTokenReused, 0),
                    (.wrongSecret, 0),
                ]
            ),
            SignatureRow(
                Signature(grants: [.authorizationCode], errors: ["invalid_grant"]),
                [(.codeReused, 45), (.codeExpired, 40), (.verifierMismatch, 25), (.redirectMismatch, 15)]
            ),
            SignatureRow(Signature(errors: ["disabled_client"]), [(.disabledClient, 150)]),
            SignatureRow(Signature(errors: ["deleted_client"]), [(.unknownClient, 150)]),
            SignatureRow(
                Signature(errors: ["invalid_client"], words: ["not found"]),
                [(.unknownClient, 100), (.wrongSecret, 20)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_client"], words: ["secret is invalid", "unauthorized"]),
                [(.wrongSecret, 80), (.secretReplaced, 40), (.unknownClient, 10), (.secretMalformed, 0)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_request"], words: ["client_secret is missing"]),
                [(.secretNotSent, 130), (.requestMalformed, 20)]
            ),
            SignatureRow(
                Signature(errors: ["unauthorized_client", "access_denied"], hasAssertion: true),
                [(.grantNotAllowed, 60), (.scopeNotAllowed, 50)]
            ),
            SignatureRow(
                Signature(errors: ["unauthorized_client"]),
                [(.grantNotAllowed, 50), (.refreshTokenOfAnotherClient, 45), (.scopeNotAllowed, 35)]
            ),
            SignatureRow(
                Signature(errors: ["admin_policy_enforced", "org_internal"]),
                [(.consentMissing, 80), (.grantNotAllowed, 40)]
            ),
            SignatureRow(Signature(errors: ["redirect_uri_mismatch"]), [(.redirectMismatch, 150)]),
            SignatureRow(Signature(errors: ["rate_limit_exceeded"]), [(.throttled, 150)]),
            SignatureRow(Signature(errors: ["internal_failure"]), [(.serverFailing, 150)]),
        ],
        places: [
            .wrongSecret: "\(googleClient) > Client secrets",
            .unknownClient: "\(googleConsole) > Clients",
            .disabledClient: googleClient,
            .secretReplaced: "\(googleClient) > Client secrets, and when each was made",
            .publisherTesting: "\(googleConsole) > Audience: the publishing status",
            .refreshTokenRevoked: "the person's account > Security > Your connections to third-party apps",
            .refreshTokenExpired:
                "\(googleConsole) > Audience: the publishing status, and when the token was last used",
            .sessionEnded: "the person's account > Security: the latest change of the password",
            .personWanted: "Google Admin console > Security > Google Cloud session control",
            .consentMissing: "Google Admin console > Security > API controls > App access control",
            .grantNotAllowed: "Google Admin console > Security > API controls > Domain-wide delegation",
            .scopeNotAllowed: "Google Admin console > Security > API controls > Domain-wide delegation",
            .assertionRefused: "Google Cloud console > IAM & Admin > Service accounts > the account > Keys",
            .redirectMismatch: "\(googleClient) > Authorized redirect URIs",
            .serverFailing: "Google Workspace Status Dashboard",
        ],
        remedies: [
            .grantNotAllowed: "Let the service account's client act for the domain with the scopes in {section}, under "
                + "Domain-wide delegation.",
            .assertionRefused:
                "Put a key that the service account still has where private_key in {section} says, with its "
                + "key_id.",
            .consentMissing: "Have the domain's administrator trust the application under App access control.",
        ]
    )

    private static let googleConsole = "Google Cloud console > Google Auth Platform"
    private static let googleClient = "\(googleConsole) > Clients > the client"
}
