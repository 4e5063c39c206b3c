extension Manner {
    /// RFC 6749 to the letter.
    static let standard = Manner(
        "standard",
        provider: "generic",
        envelope: Envelope(challenges: true, contentType: "application/json"),
        refusals: [
            .requestMalformed: Refusal(400, "invalid_request", "a parameter is missing or malformed"),
            .secretWrong: Refusal(401, "invalid_client", "client authentication failed"),
            .grantUnknown: Refusal(400, "unsupported_grant_type"),
            .grantNotAllowed: Refusal(400, "unauthorized_client", "the client may not use this grant"),
            .scopeNotAllowed: Refusal(400, "invalid_scope", "the client may not have this scope"),
            .refreshTokenUnknown: Refusal(400, "invalid_grant", "the refresh token is invalid, expired or revoked"),
            .codeUnknown: Refusal(400, "invalid_grant", "the authorization code is invalid or expired"),
        ]
    )

    /// Google accounts and service accounts.
    static let google = Manner(
        "google",
        envelope: Envelope(suberrorMember: "error_subtype", contentType: "application/json; charset=utf-8"),
        paths: [.token: "/token", .authorization: "/o/oauth2/v2/auth", .jwks: "/oauth2/v3/certs"],
        refusals: [
            .requestMalformed: Refusal(400, "invalid_request", "Required parameter is missing: grant_type"),
            .clientUnknown: Refusal(401, "invalid_client", "The OAuth client was not found."),
            .clientDisabled: Refusal(401, "disabled_client", "The OAuth client was disabled."),
            .secretMissing: Refusal(400, "invalid_request", "client_secret is missing."),
            .secretWrong: Refusal(401, "invalid_client", "The provided client secret is invalid."),
            .assertionRefused: Refusal(400, "invalid_grant", "Invalid JWT Signature."),
            .grantUnknown: Refusal(400, "unsupported_grant_type", "Invalid grant_type"),
            .grantNotAllowed: Refusal(401, "unauthorized_client", "Unauthorized"),
            .scopeNotAllowed: Refusal(400, "invalid_scope", "Some requested scopes were invalid."),
            .refreshTokenUnknown: Refusal(400, "invalid_grant", "Bad Request"),
            .refreshTokenRevoked: Refusal(400, "invalid_grant", "Token has been expired or revoked."),
            .refreshTokenExpired: Refusal(400, "invalid_grant", "Token has been expired or revoked."),
            .codeUnknown: Refusal(400, "invalid_grant", "Malformed auth code."),
            .codeSpent: Refusal(400, "invalid_grant", "Bad Request"),
            .codeExpired: Refusal(400, "invalid_grant", "Bad Request"),
            .redirectDiffers: Refusal(400, "redirect_uri_mismatch", "Bad Request"),
            .verifierDiffers: Refusal(400, "invalid_grant", "Invalid code verifier."),
        ]
    )

    /// GitHub: errors under HTTP 200.
    static let github = Manner(
        "github",
        envelope: Envelope(
            shape: .github,
            requestIDHeader: "x-github-request-id",
            contentType: "application/json; charset=utf-8"
        ),
        paths: [
            .token: "/login/oauth/access_token", .authorization: "/login/oauth/authorize",
            .deviceAuthorization: "/login/device/code",
        ],
        issuerPath: nil,
        refusals: [
            .requestMalformed: Refusal(200, "unsupported_grant_type", "The grant_type is missing or wrong."),
            .clientDisabled: Refusal(200, "application_suspended", "Your application has been suspended."),
            .secretWrong: Refusal(
                200,
                "incorrect_client_credentials",
                "The client_id and/or client_secret passed are incorrect."
            ),
            .grantUnknown: Refusal(200, "unsupported_grant_type", "The grant_type is not supported."),
            .grantNotAllowed: Refusal(200, "device_flow_disabled", "Device flow must be enabled for this app."),
            .scopeNotAllowed: Refusal(200, "invalid_scope", "The scope is not allowed."),
            .refreshTokenUnknown: Refusal(
                200,
                "bad_refresh_token",
                "The refresh token passed is incorrect or expired."
            ),
            .codeUnknown: Refusal(200, "bad_verification_code", "The code passed is incorrect or expired."),
            .redirectDiffers: Refusal(
                200,
                "redirect_uri_mismatch",
                "The redirect_uri must match the registered callback URL for this application."
            ),
        ]
    )

    /// Auth0.
    static let auth0 = Manner(
        "auth0",
        envelope: Envelope(requestIDHeader: "x-auth0-requestid", contentType: "application/json"),
        paths: [
            .token: "/oauth/token", .authorization: "/authorize", .deviceAuthorization: "/oauth/device/code",
            .revocation: "/oauth/revoke", .jwks: "/.well-known/jwks.json",
        ],
        refusals: [
            .requestMalformed: Refusal(400, "invalid_request", "A required parameter is missing."),
            .secretWrong: Refusal(401, "access_denied", "Unauthorized"),
            .grantUnknown: Refusal(403, "unsupported_grant_type", "Unsupported grant type"),
            .grantNotAllowed: Refusal(403, "unauthorized_client", "Grant type not allowed for the client."),
            .scopeNotAllowed: Refusal(403, "access_denied", "Client has not been granted the scopes."),
            .refreshTokenUnknown: Refusal(403, "invalid_grant", "Unknown or invalid refresh token."),
            .codeUnknown: Refusal(403, "invalid_grant", "Invalid authorization code"),
            .redirectDiffers: Refusal(403, "unauthorized_client", "The redirect URI is wrong."),
            .verifierDiffers: Refusal(403, "invalid_grant", "Failed to verify code verifier"),
        ]
    )

    /// Okta.
    static let okta = Manner(
        "okta",
        envelope: Envelope(requestIDHeader: "x-okta-request-id", contentType: "application/json"),
        paths: [
            .token: "/oauth2/default/v1/token", .authorization: "/oauth2/default/v1/authorize",
            .deviceAuthorization: "/oauth2/default/v1/device/authorize", .revocation: "/oauth2/default/v1/revoke",
            .introspection: "/oauth2/default/v1/introspect", .jwks: "/oauth2/default/v1/keys",
        ],
        issuerPath: "/oauth2/default",
        refusals: [
            .requestMalformed: Refusal(400, "invalid_request", "A required parameter is missing."),
            .clientUnknown: Refusal(401, "invalid_client", "Invalid value for 'client_id' parameter."),
            .secretWrong: Refusal(
                401,
                "invalid_client",
                "The client secret supplied for a confidential client is invalid."
            ),
            .grantUnknown: Refusal(400, "unsupported_grant_type", "The authorization grant type is not supported."),
            .grantNotAllowed: Refusal(
                400,
                "unauthorized_client",
                "The client is not authorized to use the provided grant type."
            ),
            .scopeNotAllowed: Refusal(
                400,
                "invalid_scope",
                "One or more scopes are not configured for the authorization server resource."
            ),
            .refreshTokenUnknown: Refusal(400, "invalid_grant", "The refresh token is invalid or expired."),
            .codeUnknown: Refusal(400, "invalid_grant", "The authorization code is invalid or has expired."),
        ]
    )

    /// Slack: errors under HTTP 200, in one member.
    static let slack = Manner(
        "slack",
        envelope: Envelope(
            shape: .slack,
            requestIDHeader: "x-slack-req-id",
            contentType: "application/json; charset=utf-8"
        ),
        paths: [
            .token: "/api/oauth.v2.access", .authorization: "/oauth/v2/authorize", .revocation: "/api/auth.revoke",
        ],
        issuerPath: nil,
        refusals: [
            .requestMalformed: Refusal(200, "invalid_arguments"),
            .clientMissing: Refusal(200, "invalid_client_id"),
            .clientUnknown: Refusal(200, "invalid_client_id"),
            .secretWrong: Refusal(200, "bad_client_secret"),
            .grantUnknown: Refusal(200, "invalid_grant_type"),
            .grantNotAllowed: Refusal(200, "invalid_grant_type"),
            .scopeNotAllowed: Refusal(200, "invalid_scope"),
            .refreshTokenUnknown: Refusal(200, "invalid_refresh_token"),
            .refreshTokenRevoked: Refusal(200, "token_revoked"),
            .refreshTokenExpired: Refusal(200, "token_expired"),
            .codeUnknown: Refusal(200, "invalid_code"),
            .codeSpent: Refusal(200, "code_already_used"),
            .redirectDiffers: Refusal(200, "bad_redirect_uri"),
        ]
    )

    /// Salesforce, which does not say how long a token lives.
    static let salesforce = Manner(
        "salesforce",
        envelope: Envelope(omits: ["expires_in"]),
        paths: [
            .token: "/services/oauth2/token", .authorization: "/services/oauth2/authorize",
            .revocation: "/services/oauth2/revoke", .introspection: "/services/oauth2/introspect", .jwks: "/id/keys",
        ],
        refusals: [
            .requestMalformed: Refusal(400, "invalid_request", "a required parameter is missing"),
            .clientMissing: Refusal(400, "invalid_client_id", "client identifier invalid"),
            .clientUnknown: Refusal(400, "invalid_client_id", "client identifier invalid"),
            .secretWrong: Refusal(400, "invalid_client", "invalid client credentials"),
            .grantUnknown: Refusal(400, "unsupported_grant_type", "grant type not supported"),
            .grantNotAllowed: Refusal(400, "invalid_grant", "no client credentials user enabled"),
            .scopeNotAllowed: Refusal(400, "invalid_scope", "the requested scope is not allowed"),
            .refreshTokenUnknown: Refusal(400, "invalid_grant", "expired access/refresh token"),
            .codeUnknown: Refusal(400, "invalid_grant", "invalid authorization code"),
            .redirectDiffers: Refusal(400, "redirect_uri_mismatch", "redirect_uri must match configuration"),
        ]
    )
}
