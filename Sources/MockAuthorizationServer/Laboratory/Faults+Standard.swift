/// What goes wrong at a server that follows RFC 6749.
extension LaboratoryFault {
    static let standard: [LaboratoryFault] = standardClients + standardRequests

    private static let standardClients: [LaboratoryFault] = [
        LaboratoryFault(
            .standard,
            "wrong_secret",
            cause: "wrong_secret",
            "The client secret is not the client's.",
            .at(.proof, .secretWrong, when: .secretPresent)
        ),
        LaboratoryFault(
            .standard,
            "unknown_client",
            cause: "unknown_client",
            "There is no such client.",
            .at(.client, .clientUnknown)
        ),
        LaboratoryFault(
            .standard,
            "secret_not_sent",
            cause: "secret_not_sent",
            "The client has a secret, and the request brings none.",
            .at(.proof, .secretMissing, when: .secretMissing),
            grants: [.refreshToken],
            settings: [#"client_authentication = "none""#]
        ),
        LaboratoryFault(
            .standard,
            "basic_encoding_raw",
            cause: "basic_encoding",
            "The Basic header is read as it stands, and the client encodes its secret.",
            nil,
            settings: [#"basic_encoding = "form""#],
            setUp: "Register a secret with a + or a / in it.",
            needs: [.client],
            basicEncoding: .raw
        ),
        LaboratoryFault(
            .standard,
            "basic_encoding_form",
            cause: "basic_encoding",
            "The Basic header is decoded as a form, and the client writes its secret as it is.",
            nil,
            settings: [#"basic_encoding = "raw""#],
            setUp: "Register a secret with a + or a % in it.",
            needs: [.client],
            basicEncoding: .form
        ),
        LaboratoryFault(
            .standard,
            "basic_not_taken",
            cause: "authentication_method",
            "The secret is taken in the body and not in a Basic header.",
            .at(.proof, .methodNotRegistered, when: .secretInHeader),
            settings: [#"client_authentication = "client_secret_basic""#]
        ),
        LaboratoryFault(
            .standard,
            "body_not_taken",
            cause: "authentication_method",
            "The secret is taken in a Basic header and not in the body.",
            .at(.proof, .methodNotRegistered, when: .secretInBody),
            settings: [#"client_authentication = "client_secret_post""#]
        ),
    ]

    private static let standardRequests: [LaboratoryFault] = [
        LaboratoryFault(
            .standard,
            "grant_not_allowed",
            cause: "grant_not_allowed",
            "The client may not use this grant.",
            .at(.grant, .grantNotAllowed, when: .grant([.clientCredentials, .refreshToken])),
            grants: [.clientCredentials, .refreshToken]
        ),
        LaboratoryFault(
            .standard,
            "scope_not_allowed",
            cause: "scope_not_allowed",
            "The client may not have the scope.",
            .at(.scope, .scopeNotAllowed, when: .scopeAsked),
            settings: [#"scopes = ["invoices"]"#]
        ),
        LaboratoryFault(
            .standard,
            "target_not_allowed",
            cause: "target_not_allowed",
            "The resource or the audience is unknown, or not the client's (RFC 8707).",
            .at(.scope, Refusal(400, "invalid_target", "the resource is unknown"), when: .targetAsked),
            grants: [.clientCredentials],
            settings: [#"resource = ["https://nothing.example"]"#]
        ),
        refresh(
            .standard,
            "refresh_token_revoked",
            cause: "refresh_token_revoked",
            "The refresh token was revoked.",
            .refreshTokenRevoked
        ),
        code(
            .standard,
            "redirect_mismatch",
            cause: "redirect_mismatch",
            "The redirect URI differs from the authorization request's.",
            .redirectDiffers
        ),
        LaboratoryFault(
            .standard,
            "wrong_path",
            cause: "wrong_path",
            "There is nothing at the path.",
            nil,
            place: .path("/token")
        ),
        LaboratoryFault(
            .standard,
            "throttled",
            cause: "throttled",
            "Too many requests came.",
            .at(.gateway, .page(429, "", "", word: "too_many_requests", headers: ["Retry-After": "30"]))
        ),
        LaboratoryFault(
            .standard,
            "server_failing",
            cause: "server_failing",
            "The server has too much to do.",
            .at(.gateway, Refusal(503, "temporarily_unavailable", "try again later"))
        ),
        LaboratoryFault(
            .standard,
            "clock_wrong",
            cause: "clock_wrong",
            "The client's clock is ten minutes behind, and its assertions are over before they come.",
            .at(.proof, .assertionRefused, when: .assertionPresent),
            grants: [.clientCredentials],
            settings: [#"client_authentication = "private_key_jwt""#, #"private_key = { file = "…" }"#],
            clockOffset: .seconds(600)
        ),
    ]
}
