import OAuth2

extension Catalogue {
    /// Auth0, which answers a wrong secret `access_denied`.
    static let auth0 = Catalogue(
        signatures: [
            SignatureRow(
                Signature(errors: ["access_denied"], words: ["scope"]),
                [(.scopeNotAllowed, 80), (.targetNotAllowed, 50)]
            ),
            SignatureRow(
                Signature(errors: ["unauthorized_client"], words: ["redirect", "callback"]),
                [(.redirectMismatch, 100), (.grantNotAllowed, 20)]
            ),
            SignatureRow(
                Signature(
                    errors: ["access_denied"],
                    words: ["service not enabled", "audience", "not authorized to access"]
                ),
                [(.targetNotAllowed, 90), (.scopeNotAllowed, 40)]
            ),
            SignatureRow(
                Signature(errors: ["access_denied", "invalid_client"], statuses: [401]),
                [
                    (.wrongSecret, 65), (.unknownClient, 40), (.authenticationMethod, 25), (.secretReplaced, 20),
                    (.secretMalformed, 0), (.identifierAndSecretSwapped, 0), (.secretNotSent, 0),
                ]
            ),
            SignatureRow(
                Signature(errors: ["access_denied"]),
                [(.wrongSecret, 50), (.targetNotAllowed, 45), (.consentMissing, 15), (.unknownClient, 15)]
            ),
            SignatureRow(
                Signature(errors: ["unauthorized_client"]),
                [(.grantNotAllowed, 100), (.wrongSecret, 0)]
            ),
            SignatureRow(
                Signature(
                    grants: [.clientCredentials],
                    errors: ["invalid_grant", "invalid_request", "invalid_target"]
                ),
                [(.targetNotAllowed, 60), (.scopeNotAllowed, 30), (.requestMalformed, 30)]
            ),
            SignatureRow(
                Signature(grants: [.refreshToken], errors: ["invalid_grant"]),
                [
                    (.refreshTokenReused, 42), (.refreshTokenRevoked, 41), (.refreshTokenExpired, 38),
                    (.sessionEnded, 15), (.refreshTokenOfAnotherClient, 15), (.wrongSecret, 0),
                ]
            ),
            SignatureRow(
                Signature(errors: ["mfa_required", "mfa_registration_required", "requires_verification"]),
                [(.personWanted, 150)]
            ),
            SignatureRow(Signature(errors: ["too_many_attempts"]), [(.throttled, 120), (.clientLoops, 30)]),
        ],
        places: [
            .wrongSecret: "\(auth0App) > Settings > Client Secret; \(auth0Log)",
            .secretReplaced: "\(auth0App) > Settings > Rotate secret; \(auth0Log)",
            .unknownClient: "\(auth0App) > Settings > Client ID, and the tenant's domain",
            .authenticationMethod: "\(auth0App) > Credentials > Authentication Method",
            .grantNotAllowed: "\(auth0App) > Settings > Advanced Settings > Grant Types; \(auth0Log)",
            .targetNotAllowed: "Auth0 Dashboard > Applications > APIs > the API > Machine to Machine Applications",
            .scopeNotAllowed: "Auth0 Dashboard > Applications > APIs > the API > Machine to Machine Applications",
            .refreshTokenReused: "\(auth0App) > Settings > Refresh Token Rotation; \(auth0Log): ferrt",
            .refreshTokenExpired: "\(auth0App) > Settings > Refresh Token Expiration",
            .refreshTokenRevoked: auth0Log,
            .sessionEnded: auth0Log,
            .redirectMismatch: "\(auth0App) > Settings > Allowed Callback URLs",
            .throttled: "\(auth0Log): the limits that were met",
        ],
        remedies: [
            .targetNotAllowed: "Authorize the application for the API whose identifier is audience in {section}."
        ]
    )

    private static let auth0App = "Auth0 Dashboard > Applications > the application"
    private static let auth0Log = "Auth0 Dashboard > Monitoring > Logs"
}
