import OAuth2

extension Catalogue {
    /// Keycloak, of which older versions answer a wrong secret `unauthorized_client`.
    static let keycloak = Catalogue(
        signatures: [
            SignatureRow(
                Signature(
                    errors: ["unauthorized_client", "invalid_client"],
                    words: ["disabled", "not enabled to log"]
                ),
                [(.disabledClient, 110), (.wrongSecret, 20)]
            ),
            SignatureRow(
                Signature(errors: ["unauthorized_client", "invalid_client"], words: ["bearer"]),
                [(.grantNotAllowed, 80), (.disabledClient, 40)]
            ),
            SignatureRow(
                Signature(
                    errors: ["unauthorized_client", "invalid_client"],
                    words: ["public client not allowed", "public client"]
                ),
                [(.secretNotWanted, 60), (.grantNotAllowed, 50), (.authenticationMethod, 20)]
            ),
            SignatureRow(
                Signature(
                    errors: ["unauthorized_client"],
                    words: ["service account", "not allowed for", "not enabled to"]
                ),
                [(.grantNotAllowed, 120), (.wrongSecret, 5)]
            ),
            SignatureRow(
                Signature(errors: ["unauthorized_client", "invalid_client"], hasAssertion: true),
                [(.assertionRefused, 70), (.clockWrong, 30), (.unknownClient, 20), (.disabledClient, 10)]
            ),
            SignatureRow(
                Signature(errors: ["unauthorized_client"], words: ["invalid client secret"]),
                [(.wrongSecret, 100), (.secretReplaced, 50), (.secretMalformed, 0), (.basicEncoding, 20)]
            ),
            SignatureRow(
                Signature(
                    errors: ["unauthorized_client", "invalid_client"],
                    words: ["secret not provided", "missing"]
                ),
                [(.secretNotSent, 100), (.authenticationMethod, 40)]
            ),
            SignatureRow(
                Signature(errors: ["unauthorized_client", "invalid_client"], words: ["credential"]),
                [
                    (.wrongSecret, 60), (.unknownClient, 50), (.disabledClient, 20), (.secretReplaced, 15),
                    (.basicEncoding, 15), (.authenticationMethod, 15), (.secretMalformed, 0), (.secretNotSent, 0),
                    (.identifierAndSecretSwapped, 0),
                ]
            ),
            SignatureRow(
                Signature(errors: ["unauthorized_client"], statuses: [401]),
                [
                    (.wrongSecret, 60), (.unknownClient, 35), (.disabledClient, 35), (.grantNotAllowed, 20),
                    (.secretNotWanted, 20), (.basicEncoding, 15), (.authenticationMethod, 15), (.secretReplaced, 10),
                    (.secretMalformed, 0),
                ]
            ),
            SignatureRow(
                Signature(errors: ["unauthorized_client"], statuses: [400, 403]),
                [(.grantNotAllowed, 80), (.wrongSecret, 40), (.disabledClient, 20)]
            ),
            SignatureRow(
                Signature(errors: ["unauthorized_client"]),
                [(.wrongSecret, 60), (.grantNotAllowed, 50), (.disabledClient, 35), (.unknownClient, 30)]
            ),
            SignatureRow(
                Signature(
                    errors: ["invalid_grant"],
                    words: ["session not active", "session doesn't", "session not found"]
                ),
                [(.sessionEnded, 110), (.refreshTokenRevoked, 40)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_grant"], words: ["token is not active", "token expired"]),
                [(.refreshTokenExpired, 110), (.sessionEnded, 40), (.clockWrong, 10)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_grant"], words: ["stale token"]),
                [(.refreshTokenReused, 100), (.refreshTokenRevoked, 60)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_grant"], words: ["reuse exceeded"]),
                [(.refreshTokenReused, 150), (.refreshTokenRevoked, 20)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_grant"], words: ["client don't match", "doesn't match", "token issuer"]),
                [(.refreshTokenOfAnotherClient, 110), (.refreshTokenRevoked, 30)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_grant"], words: ["disabled"]),
                [(.sessionEnded, 110), (.refreshTokenRevoked, 30)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_grant"], words: ["redirect"]),
                [(.redirectMismatch, 150), (.codeReused, 20)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_grant"], words: ["pkce", "verifier"]),
                [(.verifierMismatch, 150), (.codeReused, 20)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_grant"], words: ["code not valid", "code is expired"]),
                [(.codeReused, 60), (.codeExpired, 55), (.codeConsumedByFirstError, 0)]
            ),
            SignatureRow(
                Signature(errors: ["realm_does_not_exist"]),
                [(.tenantUnknown, 120), (.wrongPath, 40)]
            ),
            SignatureRow(
                Signature(statuses: [404]),
                [(.tenantUnknown, 50), (.wrongPath, 48)]
            ),
            SignatureRow(Signature(errors: ["not_allowed"]), [(.grantNotAllowed, 60), (.disabledClient, 30)]),
            SignatureRow(Signature(errors: ["unknown_error"]), [(.serverFailing, 80)]),
        ],
        places: [
            .wrongSecret: "\(keycloakClient) > Credentials > Client Secret",
            .secretReplaced: "\(keycloakClient) > Credentials: Client Secret, and Secret rotation",
            .unknownClient: "Keycloak admin console > the realm > Clients",
            .disabledClient: "\(keycloakClient): the switch Enabled",
            .secretNotSent: "\(keycloakClient) > Settings > Capability config: Client authentication",
            .secretNotWanted: "\(keycloakClient) > Settings > Capability config: Client authentication",
            .authenticationMethod: "\(keycloakClient) > Credentials > Client Authenticator",
            .assertionRefused: "\(keycloakClient) > Keys",
            .grantNotAllowed: "\(keycloakClient) > Settings > Capability config: Service accounts roles, Standard flow",
            .scopeNotAllowed: "\(keycloakClient) > Client scopes",
            .redirectMismatch: "\(keycloakClient) > Settings > Valid redirect URIs",
            .refreshTokenReused: "\(keycloakRealm) > Tokens: Revoke Refresh Token and Refresh Token Max Reuse",
            .refreshTokenExpired: "\(keycloakRealm) > Sessions: SSO Session Idle and Max",
            .sessionEnded: "Keycloak admin console > the realm > Users > the user > Sessions; Events",
            .refreshTokenRevoked: "Keycloak admin console > the realm > Sessions > Revocation: Not before",
            .tenantUnknown: "Keycloak admin console > Manage realms",
        ],
        remedies: [
            .grantNotAllowed: "Turn on Service accounts roles, or the flow that {section} names, for this client.",
            .disabledClient: "Turn on the client's switch Enabled in the admin console.",
            .tenantUnknown: "Set realm or token_endpoint in {section} to the realm that the client is in.",
        ]
    )

    private static let keycloakRealm = "Keycloak admin console > Realm settings"
    private static let keycloakClient = "Keycloak admin console > the realm > Clients > the client"
}
