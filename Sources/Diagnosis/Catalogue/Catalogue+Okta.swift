import OAuth2

extension Catalogue {
    /// Okta.
    static let okta = Catalogue(
        signatures: [
            SignatureRow(
                Signature(errors: ["invalid_client"], words: ["client_id"]),
                [(.unknownClient, 90), (.disabledClient, 40), (.wrongSecret, 10)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_client"], words: ["secret supplied", "client secret"]),
                [(.wrongSecret, 90), (.secretReplaced, 45), (.basicEncoding, 10), (.secretMalformed, 0)]
            ),
            SignatureRow(
                Signature(errors: ["access_denied", "e0000022"], words: ["policy"]),
                [(.grantNotAllowed, 80), (.scopeNotAllowed, 50)]
            ),
            SignatureRow(
                Signature(errors: ["access_denied"]),
                [(.grantNotAllowed, 50), (.scopeNotAllowed, 40), (.consentMissing, 20)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_scope"], words: ["openid", "not allowed", "client_credentials"]),
                [(.scopeOfWrongKind, 60), (.scopeNotAllowed, 55)]
            ),
            SignatureRow(Signature(errors: ["e0000022"]), [(.wrongPath, 50), (.tenantUnknown, 45)]),
            SignatureRow(Signature(errors: ["e0000047"]), [(.throttled, 150)]),
            SignatureRow(Signature(errors: ["e0000009"]), [(.serverFailing, 150)]),
            SignatureRow(
                Signature(errors: ["e0000068"]),
                [(.personWanted, 60), (.requestMalformed, 30)]
            ),
            SignatureRow(
                Signature(statuses: [404]),
                [(.tenantUnknown, 55), (.wrongPath, 50)]
            ),
        ],
        places: [
            .wrongSecret: "\(oktaApp) > General > Client Credentials; \(oktaLog)",
            .unknownClient: "\(oktaApp) > General > Client Credentials; \(oktaLog)",
            .secretReplaced: "\(oktaApp) > General > Client Credentials: when each secret was made",
            .disabledClient: "\(oktaApp): whether it is active; \(oktaLog)",
            .authenticationMethod: "\(oktaApp) > General > Client authentication",
            .grantNotAllowed: "\(oktaApp) > General > Grant type; Security > API > the authorization server > Access "
                + "Policies",
            .scopeNotAllowed: "Okta Admin Console > Security > API > the authorization server > Scopes; \(oktaLog)",
            .scopeOfWrongKind: "Okta Admin Console > Security > API > the authorization server > Scopes",
            .tenantUnknown: "Okta Admin Console > Security > API > Authorization Servers: the issuer",
            .refreshTokenRevoked: oktaLog,
            .refreshTokenReused: "\(oktaApp) > General > Refresh token behavior; \(oktaLog)",
            .refreshTokenExpired: "Security > API > the authorization server > Access Policies: the rule's lifetimes",
            .sessionEnded: oktaLog,
            .redirectMismatch: "\(oktaApp) > General > Sign-in redirect URIs",
        ],
        remedies: [
            .grantNotAllowed:
                "Enable the grant that {section} names for this application, and add an access policy rule "
                + "that lets it through.",
            .tenantUnknown: "Set realm in {section} to the identifier of an authorization server of the organisation.",
        ]
    )

    private static let oktaApp = "Okta Admin Console > Applications > the application"
    private static let oktaLog = "Okta Admin Console > Reports > System Log"
}
