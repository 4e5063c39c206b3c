extension Manner {
    private static let realm = "/realms/laboratory"

    private static let keycloakPaths: [Endpoint: String] = [
        .token: realm + "/protocol/openid-connect/token", .authorization: realm + "/protocol/openid-connect/auth",
        .deviceAuthorization: realm + "/protocol/openid-connect/auth/device",
        .revocation: realm + "/protocol/openid-connect/revoke",
        .introspection: realm + "/protocol/openid-connect/token/introspect",
        .jwks: realm + "/protocol/openid-connect/certs",
    ]

    private static let keycloakRefusals: [Objection: Refusal] = [
        .requestMalformed: Refusal(400, "invalid_request", "Missing form parameter: grant_type"),
        .clientUnknown: Refusal(401, "invalid_client", "Invalid client or Invalid client credentials"),
        .clientDisabled: Refusal(401, "unauthorized_client", "Client is disabled"),
        .secretWrong: Refusal(401, "invalid_client", "Invalid client or Invalid client credentials"),
        .secretNotWanted: Refusal(401, "unauthorized_client", "Public client not allowed to retrieve service account"),
        .grantUnknown: Refusal(400, "unsupported_grant_type", "Unsupported grant_type"),
        .grantNotAllowed: Refusal(401, "unauthorized_client", "Client not enabled to retrieve service account"),
        .scopeNotAllowed: Refusal(400, "invalid_scope", "Invalid scopes"),
        .refreshTokenUnknown: Refusal(400, "invalid_grant", "Invalid refresh token"),
        .refreshTokenRevoked: Refusal(400, "invalid_grant", "Session not active"),
        .refreshTokenExpired: Refusal(400, "invalid_grant", "Token is not active"),
        .refreshTokenSpent: Refusal(400, "invalid_grant", "Maximum allowed refresh token reuse exceeded"),
        .refreshTokenOfAnotherClient: Refusal(
            400,
            "invalid_grant",
            "Invalid refresh token. Token client and authorized client don't match"
        ),
        .codeUnknown: Refusal(400, "invalid_grant", "Code not valid"),
        .codeExpired: Refusal(400, "invalid_grant", "Code is expired"),
        .redirectDiffers: Refusal(400, "invalid_grant", "Incorrect redirect_uri"),
        .verifierDiffers: Refusal(400, "invalid_grant", "PKCE verification failed"),
    ]

    private static let noResource = Refusal.page(
        404,
        #"{"error":"Unable to find matching target resource method"}"#,
        "application/json",
        word: "not_found"
    )

    /// Keycloak as it is now.
    static let keycloak = Manner(
        "keycloak",
        envelope: Envelope(contentType: "application/json"),
        paths: keycloakPaths,
        issuerPath: realm,
        nothingThere: noResource,
        refusals: keycloakRefusals
    )

    /// Keycloak as it was for long: a wrong secret makes the client an unauthorized one.
    static let oldKeycloak = Manner(
        "keycloak_old",
        provider: "keycloak",
        envelope: Envelope(contentType: "application/json"),
        paths: keycloakPaths,
        issuerPath: realm,
        nothingThere: noResource,
        refusals: keycloakRefusals.merging([
            .clientUnknown: Refusal(400, "unauthorized_client", "INVALID_CREDENTIALS: Invalid client credentials"),
            .secretWrong: Refusal(401, "unauthorized_client", "Invalid client secret"),
            .secretMissing: Refusal(401, "unauthorized_client", "Client secret not provided in request"),
        ]) { $1 }
    )
}
