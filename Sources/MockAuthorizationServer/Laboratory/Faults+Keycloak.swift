/// What goes wrong at Keycloak.
extension LaboratoryFault {
    static let keycloak: [LaboratoryFault] = keycloakClients + keycloakSessions

    private static let keycloakClients: [LaboratoryFault] = [
        LaboratoryFault(
            .keycloak,
            "wrong_secret",
            cause: "wrong_secret",
            "The client secret is not the client's.",
            .at(.proof, .secretWrong, when: .secretPresent)
        ),
        LaboratoryFault(
            .oldKeycloak,
            "wrong_secret",
            cause: "wrong_secret",
            "The client secret is not the client's, and an older Keycloak calls the client unauthorized.",
            .at(.proof, .secretWrong, when: .secretPresent)
        ),
        LaboratoryFault(
            .keycloak,
            "unknown_client",
            cause: "unknown_client",
            "The realm has no such client.",
            .at(.client, .clientUnknown)
        ),
        LaboratoryFault(
            .keycloak,
            "disabled_client",
            cause: "disabled_client",
            "The client is switched off.",
            .at(.client, .clientDisabled)
        ),
        LaboratoryFault(
            .keycloak,
            "grant_not_allowed",
            cause: "grant_not_allowed",
            "The client has no service account, or is public or bearer-only.",
            .at(.grant, .grantNotAllowed, when: .grant([.clientCredentials])),
            grants: [.clientCredentials]
        ),
        LaboratoryFault(
            .keycloak,
            "scope_not_allowed",
            cause: "scope_not_allowed",
            "The scope is none of the client's.",
            .at(.scope, .scopeNotAllowed, when: .scopeAsked),
            grants: [.clientCredentials],
            settings: [#"scopes = ["invoices"]"#]
        ),
        LaboratoryFault(
            .keycloak,
            "tenant_unknown",
            cause: "tenant_unknown",
            "There is no such realm.",
            .at(
                .way,
                .page(404, #"{"error":"Realm does not exist"}"#, "application/json", word: "not_found")
            )
        ),
        LaboratoryFault(
            .keycloak,
            "wrong_path",
            cause: "wrong_path",
            "The token endpoint is asked for below /auth, where Keycloak 17 and later have nothing.",
            nil,
            place: .path("/auth/realms/laboratory/protocol/openid-connect/token")
        ),
    ]

    private static let keycloakSessions: [LaboratoryFault] = [
        refresh(
            .keycloak,
            "session_ended",
            cause: "session_ended",
            "The person's session is over.",
            .refreshTokenRevoked
        ),
        refresh(
            .keycloak,
            "refresh_token_expired",
            cause: "refresh_token_expired",
            "The refresh token is older than the session may idle.",
            .refreshTokenExpired
        ),
        refresh(
            .keycloak,
            "refresh_token_stale",
            cause: "refresh_token_reused",
            "The refresh token is older than the newest use of its session.",
            Refusal(400, "invalid_grant", "Stale token")
        ),
        refresh(
            .keycloak,
            "refresh_token_reused",
            cause: "refresh_token_reused",
            "The refresh token was used more often than the realm allows.",
            .refreshTokenSpent
        ),
        refresh(
            .keycloak,
            "refresh_token_of_another_client",
            cause: "refresh_token_of_another_client",
            "The refresh token was issued to another client.",
            .refreshTokenOfAnotherClient
        ),
        code(
            .keycloak,
            "redirect_mismatch",
            cause: "redirect_mismatch",
            "The redirect URI differs from the authorization request's.",
            .redirectDiffers
        ),
        code(.keycloak, "code_expired", cause: "code_expired", "The code is too old.", .codeExpired),
        code(
            .keycloak,
            "verifier_mismatch",
            cause: "verifier_mismatch",
            "The code_verifier does not belong to the code_challenge.",
            .verifierDiffers
        ),
    ]
}
