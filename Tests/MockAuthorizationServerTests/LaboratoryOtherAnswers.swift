extension LaboratoryAnswerTests {
    /// What the servers answer that have no tests of their own.
    static let others: [Row] = [
        Row("google_wrong_secret", .refresh, 401, "invalid_client", "The provided client secret is invalid."),
        Row("google_unknown_client", .refresh, 401, "invalid_client", "The OAuth client was not found."),
        Row("google_disabled_client", .refresh, 401, "disabled_client", "The OAuth client was disabled."),
        Row(
            "google_secret_not_sent",
            .refresh,
            400,
            "invalid_request",
            "client_secret is missing.",
            by: .none(id: "billing")
        ),
        Row("google_refresh_token_revoked", .refresh, 400, "invalid_grant", "Token has been expired or revoked."),
        Row("google_refresh_token_expired", .refresh, 400, "invalid_grant", "Token has been expired or revoked."),
        Row("google_publisher_testing", .refresh, 400, "invalid_grant", "Token has been expired or revoked."),
        Row("google_person_wanted", .refresh, 400, "invalid_grant", "reauth related error (invalid_rapt)"),
        Row("google_redirect_mismatch", .code, 400, "redirect_uri_mismatch", "Bad Request"),
        Row("google_code_reused", .code, 400, "invalid_grant", "Bad Request"),
        Row(
            "keycloak_wrong_secret",
            .ownToken(),
            401,
            "invalid_client",
            "Invalid client or Invalid client credentials"
        ),
        Row("keycloak_old_wrong_secret", .ownToken(), 401, "unauthorized_client", "Invalid client secret"),
        Row(
            "keycloak_unknown_client",
            .ownToken(),
            401,
            "invalid_client",
            "Invalid client or Invalid client credentials"
        ),
        Row("keycloak_disabled_client", .ownToken(), 401, "unauthorized_client", "Client is disabled"),
        Row(
            "keycloak_grant_not_allowed",
            .ownToken(),
            401,
            "unauthorized_client",
            "Client not enabled to retrieve service account"
        ),
        Row("keycloak_scope_not_allowed", .ownToken(scope: "x"), 400, "invalid_scope", "Invalid scopes"),
        Row("keycloak_session_ended", .refresh, 400, "invalid_grant", "Session not active"),
        Row("keycloak_refresh_token_expired", .refresh, 400, "invalid_grant", "Token is not active"),
        Row("keycloak_refresh_token_stale", .refresh, 400, "invalid_grant", "Stale token"),
        Row(
            "keycloak_refresh_token_reused",
            .refresh,
            400,
            "invalid_grant",
            "Maximum allowed refresh token reuse exceeded"
        ),
        Row(
            "keycloak_refresh_token_of_another_client",
            .refresh,
            400,
            "invalid_grant",
            "Invalid refresh token. Token client and authorized client don't match"
        ),
        Row("keycloak_redirect_mismatch", .code, 400, "invalid_grant", "Incorrect redirect_uri"),
        Row("keycloak_code_expired", .code, 400, "invalid_grant", "Code is expired"),
        Row("keycloak_verifier_mismatch", .code, 400, "invalid_grant", "PKCE verification failed"),
        Row(
            "github_wrong_secret",
            .refresh,
            200,
            "incorrect_client_credentials",
            "The client_id and/or client_secret passed are incorrect."
        ),
        Row(
            "github_refresh_token_revoked",
            .refresh,
            200,
            "bad_refresh_token",
            "The refresh token passed is incorrect or expired."
        ),
        Row(
            "github_redirect_mismatch",
            .code,
            200,
            "redirect_uri_mismatch",
            "The redirect_uri must match the registered callback URL for this application."
        ),
        Row("github_code_expired", .code, 200, "bad_verification_code", "The code passed is incorrect or expired."),
        Row("github_disabled_client", .refresh, 200, "application_suspended", "Your application has been suspended."),
        Row("auth0_wrong_secret", .ownToken(), 401, "access_denied", "Unauthorized"),
        Row(
            "auth0_grant_not_allowed",
            .ownToken(),
            403,
            "unauthorized_client",
            "Grant type not allowed for the client."
        ),
        Row(
            "auth0_scope_not_allowed",
            .ownToken(scope: "x"),
            403,
            "access_denied",
            "Client has not been granted the scopes."
        ),
        Row("auth0_refresh_token_revoked", .refresh, 403, "invalid_grant", "Unknown or invalid refresh token."),
        Row("auth0_redirect_mismatch", .code, 403, "unauthorized_client", "The redirect URI is wrong."),
        Row("auth0_throttled", .ownToken(), 429, "too_many_requests", "Global limit has been reached"),
        Row(
            "okta_wrong_secret",
            .ownToken(),
            401,
            "invalid_client",
            "The client secret supplied for a confidential client is invalid."
        ),
        Row("okta_unknown_client", .ownToken(), 401, "invalid_client", "Invalid value for 'client_id' parameter."),
        Row(
            "okta_grant_not_allowed",
            .ownToken(),
            400,
            "unauthorized_client",
            "The client is not authorized to use the provided grant type."
        ),
        Row(
            "okta_scope_not_allowed",
            .ownToken(scope: "x"),
            400,
            "invalid_scope",
            "One or more scopes are not configured for the authorization server resource."
        ),
        Row("okta_refresh_token_revoked", .refresh, 400, "invalid_grant", "The refresh token is invalid or expired."),
        Row("slack_wrong_secret", .refresh, 200, "bad_client_secret"),
        Row("slack_unknown_client", .refresh, 200, "invalid_client_id"),
        Row("slack_refresh_token_revoked", .refresh, 200, "token_revoked"),
        Row("slack_redirect_mismatch", .code, 200, "bad_redirect_uri"),
        Row("slack_refresh_token_reused", .refresh, 200, "invalid_refresh_token"),
        Row("slack_code_reused", .code, 200, "code_already_used"),
        Row("salesforce_wrong_secret", .ownToken(), 400, "invalid_client", "invalid client credentials"),
        Row("salesforce_unknown_client", .ownToken(), 400, "invalid_client_id", "client identifier invalid"),
        Row("salesforce_refresh_token_revoked", .refresh, 400, "invalid_grant", "expired access/refresh token"),
        Row(
            "salesforce_redirect_mismatch",
            .code,
            400,
            "redirect_uri_mismatch",
            "redirect_uri must match configuration"
        ),
        Row("standard_wrong_secret", .ownToken(), 401, "invalid_client", "client authentication failed"),
        Row("standard_unknown_client", .ownToken(), 401, "invalid_client", "client authentication failed"),
        Row(
            "standard_secret_not_sent",
            .refresh,
            401,
            "invalid_client",
            "client authentication failed",
            by: .none(id: "billing")
        ),
        Row(
            "standard_basic_encoding_raw",
            .refresh,
            401,
            "invalid_client",
            "client authentication failed",
            by: .basic("billing:s3cr%2Bt%2Fof%3Dbilling")
        ),
        Row("standard_basic_encoding_form", .refresh, 401, "invalid_client", "client authentication failed"),
        Row("standard_basic_not_taken", .refresh, 401, "invalid_client", "client authentication failed"),
        Row(
            "standard_body_not_taken",
            .refresh,
            401,
            "invalid_client",
            "client authentication failed",
            by: .body(id: "billing", secret: LaboratoryCaller.secret)
        ),
        Row("standard_grant_not_allowed", .ownToken(), 400, "unauthorized_client", "the client may not use this grant"),
        Row(
            "standard_scope_not_allowed",
            .ownToken(scope: "x"),
            400,
            "invalid_scope",
            "the client may not have this scope"
        ),
        Row(
            "standard_refresh_token_revoked",
            .refresh,
            400,
            "invalid_grant",
            "the refresh token is invalid, expired or revoked"
        ),
        Row(
            "standard_redirect_mismatch",
            .code,
            400,
            "invalid_grant",
            "the authorization code is invalid or expired"
        ),
        Row("standard_server_failing", .ownToken(), 503, "temporarily_unavailable", "try again later"),
    ]
}
