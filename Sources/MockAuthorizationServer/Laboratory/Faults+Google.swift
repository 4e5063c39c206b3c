/// What goes wrong at Google.
extension LaboratoryFault {
    static let google: [LaboratoryFault] = [
        LaboratoryFault(
            .google,
            "wrong_secret",
            cause: "wrong_secret",
            "The client secret is not the client's.",
            .at(.proof, .secretWrong, when: .secretPresent),
            grants: [.refreshToken, .authorizationCode]
        ),
        LaboratoryFault(
            .google,
            "unknown_client",
            cause: "unknown_client",
            "There is no such OAuth client, or it was deleted.",
            .at(.client, .clientUnknown),
            grants: [.refreshToken, .authorizationCode]
        ),
        LaboratoryFault(
            .google,
            "disabled_client",
            cause: "disabled_client",
            "The OAuth client was disabled.",
            .at(.client, .clientDisabled),
            grants: [.refreshToken, .authorizationCode]
        ),
        LaboratoryFault(
            .google,
            "secret_not_sent",
            cause: "secret_not_sent",
            "The client has a secret, and the request brings none.",
            .at(.proof, .secretMissing, when: .secretMissing),
            grants: [.refreshToken],
            settings: [#"client_authentication = "none""#]
        ),
        refresh(
            .google,
            "refresh_token_revoked",
            cause: "refresh_token_revoked",
            "The person took the access back, or changed the password.",
            .refreshTokenRevoked
        ),
        refresh(
            .google,
            "refresh_token_expired",
            cause: "refresh_token_expired",
            "The refresh token was not used for six months.",
            .refreshTokenExpired
        ),
        refresh(
            .google,
            "publisher_testing",
            cause: "publisher_testing",
            "The app's publishing status is Testing, and its refresh tokens end after seven days.",
            .refreshTokenExpired
        ),
        refresh(
            .google,
            "person_wanted",
            cause: "person_wanted",
            "The organisation wants the person to log in again.",
            Refusal(400, "invalid_grant", "reauth related error (invalid_rapt)", suberror: "invalid_rapt")
        ),
        code(
            .google,
            "redirect_mismatch",
            cause: "redirect_mismatch",
            "The redirect URI differs from the authorization request's.",
            .redirectDiffers
        ),
        code(.google, "code_reused", cause: "code_reused", "The code was used before.", .codeSpent),
        LaboratoryFault(
            .google,
            "assertion_refused",
            cause: "assertion_refused",
            "The key that signed the assertion is not the service account's.",
            .at(.presented, .assertionRefused, when: .assertionPresent),
            grants: [.jwtBearer],
            settings: [#"private_key = { file = "…" }"#]
        ),
        LaboratoryFault(
            .google,
            "clock_wrong",
            cause: "clock_wrong",
            "The client's clock is ten minutes behind, and its assertions are over before they come.",
            .at(
                .presented,
                Refusal(
                    400,
                    "invalid_grant",
                    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
                ),
                when: .assertionPresent
            ),
            grants: [.jwtBearer],
            settings: [#"private_key = { file = "…" }"#],
            clockOffset: .seconds(600)
        ),
    ]
}
