/// What goes wrong at GitHub, Auth0, Okta, Slack and Salesforce.
extension LaboratoryFault {
    private static let logins: [GrantType] = [.refreshToken, .authorizationCode]

    private static func wrongSecret(_ manner: Manner, grants: [GrantType]) -> LaboratoryFault {
        LaboratoryFault(
            manner,
            "wrong_secret",
            cause: "wrong_secret",
            "The client secret is not the client's.",
            .at(.proof, .secretWrong, when: .secretPresent),
            grants: grants
        )
    }

    private static func unknownClient(_ manner: Manner, grants: [GrantType]) -> LaboratoryFault {
        LaboratoryFault(
            manner,
            "unknown_client",
            cause: "unknown_client",
            "There is no such client.",
            .at(.client, .clientUnknown),
            grants: grants
        )
    }

    private static func grantNotAllowed(_ manner: Manner) -> LaboratoryFault {
        LaboratoryFault(
            manner,
            "grant_not_allowed",
            cause: "grant_not_allowed",
            "The client may not use client_credentials.",
            .at(.grant, .grantNotAllowed, when: .grant([.clientCredentials])),
            grants: [.clientCredentials]
        )
    }

    private static func scopeNotAllowed(_ manner: Manner) -> LaboratoryFault {
        LaboratoryFault(
            manner,
            "scope_not_allowed",
            cause: "scope_not_allowed",
            "The scope is none of the client's.",
            .at(.scope, .scopeNotAllowed, when: .scopeAsked),
            grants: [.clientCredentials],
            settings: [#"scopes = ["invoices"]"#]
        )
    }

    private static func revoked(_ manner: Manner) -> LaboratoryFault {
        refresh(
            manner,
            "refresh_token_revoked",
            cause: "refresh_token_revoked",
            "The refresh token was revoked.",
            .refreshTokenRevoked
        )
    }

    private static func redirect(_ manner: Manner) -> LaboratoryFault {
        code(
            manner,
            "redirect_mismatch",
            cause: "redirect_mismatch",
            "The redirect URI is not the one that is registered.",
            .redirectDiffers
        )
    }

    static let github: [LaboratoryFault] = [
        wrongSecret(.github, grants: logins), revoked(.github), redirect(.github),
        code(.github, "code_expired", cause: "code_expired", "The code is older than ten minutes.", .codeExpired),
        LaboratoryFault(
            .github,
            "disabled_client",
            cause: "disabled_client",
            "The app was suspended.",
            .at(.client, .clientDisabled),
            grants: logins
        ),
    ]

    static let auth0: [LaboratoryFault] = [
        wrongSecret(.auth0, grants: [.clientCredentials, .refreshToken]), grantNotAllowed(.auth0),
        scopeNotAllowed(.auth0), revoked(.auth0), redirect(.auth0),
        LaboratoryFault(
            .auth0,
            "target_not_allowed",
            cause: "target_not_allowed",
            "The application has no grant for the API.",
            .at(
                .scope,
                Refusal(403, "access_denied", "Client is not authorized to access the audience."),
                when: .targetAsked
            ),
            grants: [.clientCredentials],
            settings: [#"audience = "https://nothing.example""#]
        ),
        LaboratoryFault(
            .auth0,
            "throttled",
            cause: "throttled",
            "Too many requests came.",
            .at(.gateway, Refusal(429, "too_many_requests", "Global limit has been reached"))
        ),
    ]

    static let okta: [LaboratoryFault] = [
        wrongSecret(.okta, grants: [.clientCredentials, .refreshToken]),
        unknownClient(.okta, grants: [.clientCredentials, .refreshToken]),
        grantNotAllowed(.okta), scopeNotAllowed(.okta), revoked(.okta),
    ]

    static let slack: [LaboratoryFault] = [
        wrongSecret(.slack, grants: logins), unknownClient(.slack, grants: logins), revoked(.slack),
        redirect(.slack),
        refresh(
            .slack,
            "refresh_token_reused",
            cause: "refresh_token_reused",
            "The refresh token, which is good for one use, was used before.",
            .refreshTokenSpent
        ),
        code(.slack, "code_reused", cause: "code_reused", "The code was used before.", .codeSpent),
    ]

    static let salesforce: [LaboratoryFault] = [
        wrongSecret(.salesforce, grants: [.clientCredentials, .refreshToken]),
        unknownClient(.salesforce, grants: [.clientCredentials, .refreshToken]), revoked(.salesforce),
        redirect(.salesforce),
    ]
}
