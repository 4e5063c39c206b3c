/// What is presented to Cognito: refresh tokens and codes.
extension LaboratoryFault {
    /// How a first refresh token comes into the world.
    static let withRefreshToken = "Give the client a refresh_token that POST control/refresh-token issued, or log in."

    /// A refresh token of ours that is refused.
    static func refresh(
        _ manner: Manner,
        _ suffix: String,
        cause: String,
        _ summary: String,
        _ objection: Objection
    ) -> LaboratoryFault {
        LaboratoryFault(
            manner,
            suffix,
            cause: cause,
            summary,
            .at(.presented, objection, when: .grant([.refreshToken])),
            grants: [.refreshToken],
            setUp: withRefreshToken
        )
    }

    /// A refresh token of ours that is refused in words that are told only here.
    static func refresh(
        _ manner: Manner,
        _ suffix: String,
        cause: String,
        _ summary: String,
        _ refusal: Refusal
    ) -> LaboratoryFault {
        LaboratoryFault(
            manner,
            suffix,
            cause: cause,
            summary,
            .at(.presented, refusal, when: .grant([.refreshToken])),
            grants: [.refreshToken],
            setUp: withRefreshToken
        )
    }

    /// A code of ours that is refused.
    static func code(
        _ manner: Manner,
        _ suffix: String,
        cause: String,
        _ summary: String,
        _ objection: Objection
    ) -> LaboratoryFault {
        LaboratoryFault(
            manner,
            suffix,
            cause: cause,
            summary,
            .at(.presented, objection, when: .grant([.authorizationCode])),
            grants: [.authorizationCode],
            setUp: "Log in."
        )
    }

    static let cognitoPresented: [LaboratoryFault] = [
        refresh(
            .cognito,
            "refresh_token_revoked",
            cause: "refresh_token_revoked",
            "The refresh token was revoked.",
            .refreshTokenRevoked
        ),
        refresh(
            .cognito,
            "refresh_token_expired",
            cause: "refresh_token_expired",
            "The refresh token is older than the app client allows.",
            .refreshTokenExpired
        ),
        refresh(
            .cognito,
            "refresh_token_reused",
            cause: "refresh_token_reused",
            "The refresh token was used before, and rotation is on.",
            .refreshTokenSpent
        ),
        refresh(
            .cognito,
            "refresh_token_of_another_client",
            cause: "refresh_token_of_another_client",
            "The refresh token was issued to another app client.",
            .refreshTokenOfAnotherClient
        ),
        refresh(
            .cognito,
            "user_disabled",
            cause: "session_ended",
            "The user was signed out everywhere, or disabled.",
            .refreshTokenRevoked
        ),
        code(
            .cognito,
            "redirect_mismatch",
            cause: "redirect_mismatch",
            "The redirect URI differs from the authorization request's, and the answer says so.",
            .redirectDiffers
        ),
        LaboratoryFault(
            .cognito,
            "redirect_mismatch_undescribed",
            cause: "redirect_mismatch",
            "The redirect URI differs from the authorization request's, and the answer does not say so.",
            .at(.presented, Refusal(400, "unauthorized_client"), when: .grant([.authorizationCode])),
            grants: [.authorizationCode],
            setUp: "Log in."
        ),
        code(.cognito, "code_reused", cause: "code_reused", "The code was used before.", .codeSpent),
        code(.cognito, "code_expired", cause: "code_expired", "The code is older than five minutes.", .codeExpired),
        code(
            .cognito,
            "verifier_mismatch",
            cause: "verifier_mismatch",
            "The code_verifier does not belong to the code_challenge.",
            .verifierDiffers
        ),
        code(
            .cognito,
            "attribute_not_readable",
            cause: "attribute_not_readable",
            "The app client may not read an attribute that the scope asks for.",
            .codeUnknown
        ),
        LaboratoryFault(
            .cognito,
            "code_consumed_by_first_error",
            cause: "code_consumed_by_first_error",
            "The first request was malformed and consumed the code; a second finds it used.",
            .at(.presented, .requestMalformed, when: .firstPresentation),
            grants: [.authorizationCode],
            setUp: "Log in with a client that sends a refused code once more.",
            isMetByDaemon: false
        ),
    ]
}
