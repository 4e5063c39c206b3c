extension Manner {
    /// The user pool, as the paths of its documents have it.
    static let cognitoPool = "eu-west-1_Laboratory"

    /// Amazon Cognito: everything under 400, without words.
    static let cognito = Manner(
        "cognito",
        envelope: Envelope(requestIDHeader: "x-amz-cognito-request-id"),
        paths: [
            .token: "/oauth2/token", .authorization: "/oauth2/authorize", .revocation: "/oauth2/revoke",
            .jwks: "/\(cognitoPool)/.well-known/jwks.json",
        ],
        issuerPath: "/\(cognitoPool)",
        nothingThere: methodRefused,
        refusals: [
            .requestMalformed: Refusal(400, "invalid_request"),
            .secretWrong: Refusal(400, "invalid_client"),
            .grantUnknown: Refusal(400, "unsupported_grant_type"),
            .grantNotAllowed: Refusal(400, "unauthorized_client"),
            .scopeNotAllowed: Refusal(400, "invalid_scope"),
            .refreshTokenUnknown: Refusal(400, "invalid_grant"),
            .codeUnknown: Refusal(400, "invalid_grant"),
            .redirectDiffers: Refusal(400, "unauthorized_client", "invalid_redirect"),
        ]
    )

    /// What Cognito says to a path or a header that it does not take.
    static let methodRefused = Refusal.page(405, "", "", word: "method_not_allowed", headers: ["allow": "GET"])
}
