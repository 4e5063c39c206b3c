import OAuth2

extension Catalogue {
    /// Salesforce.
    static let salesforce = Catalogue(
        signatures: [
            SignatureRow(
                Signature(errors: ["invalid_client_id"]),
                [(.unknownClient, 100), (.tenantUnknown, 40), (.disabledClient, 15)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_client"], words: ["identifier"]),
                [(.unknownClient, 100), (.wrongSecret, 30)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_client"]),
                [(.wrongSecret, 65), (.unknownClient, 30), (.secretReplaced, 25), (.secretMalformed, 0)]
            ),
            SignatureRow(
                Signature(grants: [.clientCredentials], errors: ["invalid_grant"]),
                [(.grantNotAllowed, 80), (.clientFlowsOff, 30), (.wrongSecret, 0)]
            ),
            SignatureRow(
                Signature(
                    errors: ["invalid_grant"],
                    words: ["ip restricted", "login hours", "authentication failure"]
                ),
                [(.personWanted, 70), (.sessionEnded, 40)]
            ),
            SignatureRow(
                Signature(grants: [.refreshToken], errors: ["invalid_grant"], words: ["inactive"]),
                [(.sessionEnded, 110), (.refreshTokenRevoked, 30)]
            ),
            SignatureRow(
                Signature(grants: [.refreshToken], errors: ["invalid_grant"]),
                [
                    (.refreshTokenRevoked, 45), (.refreshTokenExpired, 44), (.refreshTokenReused, 20),
                    (.sessionEnded, 20), (.refreshTokenOfAnotherClient, 10), (.wrongSecret, 0),
                ]
            ),
            SignatureRow(
                Signature(errors: ["invalid_app_access"]),
                [(.consentMissing, 80), (.grantNotAllowed, 60)]
            ),
            SignatureRow(Signature(errors: ["inactive_org"]), [(.tenantUnknown, 80), (.disabledClient, 40)]),
            SignatureRow(Signature(errors: ["inactive_user"]), [(.sessionEnded, 110), (.refreshTokenRevoked, 20)]),
            SignatureRow(Signature(errors: ["redirect_uri_mismatch"]), [(.redirectMismatch, 150)]),
            SignatureRow(Signature(errors: ["rate_limit_exceeded"]), [(.throttled, 150)]),
            SignatureRow(Signature(errors: ["unknown_error"]), [(.serverFailing, 80)]),
        ],
        places: [
            .wrongSecret: "\(salesforceApp) > Settings > Consumer Key and Secret",
            .unknownClient: "\(salesforceApp) > Settings > Consumer Key and Secret, and the organisation's My Domain",
            .grantNotAllowed: "\(salesforceApp) > Policies > Client Credentials Flow: the user to run as",
            .clientFlowsOff: "\(salesforceApp) > Settings > Enable Client Credentials Flow",
            .consentMissing: "\(salesforceApp) > Policies: Permitted Users, and the permission sets",
            .refreshTokenRevoked: "Setup > Connected Apps OAuth Usage; Setup > Login History",
            .refreshTokenExpired: "\(salesforceApp) > Policies > Refresh Token Policy",
            .sessionEnded: "Setup > Users > the user: Active; Setup > Login History",
            .personWanted: "Setup > Login History",
            .redirectMismatch: "\(salesforceApp) > Settings > Callback URL",
            .serverFailing: "https://status.salesforce.com",
        ],
        remedies: [
            .grantNotAllowed: "Enable the client-credentials flow for this application, and name the user to run as."
        ]
    )

    private static let salesforceApp = "Setup > App Manager > the application"
}
