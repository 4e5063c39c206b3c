import OAuth2

extension Catalogue {
    /// What RFC 6749 says of every authorization server, and what stands between it and this machine.
    static let standard = Catalogue(
        signatures: statedSignatures + answerSignatures + transportSignatures + tellingSignatures,
        causes: clientCauses + permissionCauses + presentedCauses + wayCauses + timeCauses
    )

    /// Codes that the protocols define, and those that servers put in their place.
    private static let statedSignatures: [SignatureRow] = [
        SignatureRow(
            // Not within "associated" or "immediately".
            Signature(
                words: ["clock", "short-lived", "not yet valid", "nbf", " iat", "'iat", "\"iat", "(iat"],
                hasAssertion: true
            ),
            [(.clockWrong, 60), (.assertionRefused, 40)]
        ),
        SignatureRow(
            Signature(errors: ["invalid_client", "unauthorized_client", "access_denied"], hasAssertion: true),
            assertionCauses
        ),
        SignatureRow(
            Signature(grants: [.jwtBearer], errors: ["invalid_grant"]),
            assertionCauses
        ),
        SignatureRow(
            Signature(
                errors: ["invalid_client"],
                words: ["disabled", "inactive", "suspended", "deactivated", "blocked"]
            ),
            [(.disabledClient, 90), (.wrongSecret, 20)]
        ),
        SignatureRow(
            Signature(errors: ["invalid_client"], words: ["expired"]),
            [(.secretExpired, 90), (.wrongSecret, 30)]
        ),
        SignatureRow(Signature(errors: ["invalid_client"]), refusedClient),
        SignatureRow(
            Signature(errors: ["unauthorized_client"], words: ["redirect"]),
            [(.redirectMismatch, 80), (.grantNotAllowed, 30)]
        ),
        SignatureRow(
            Signature(errors: ["unauthorized_client"], words: ["secret", "credential"]),
            [
                (.wrongSecret, 70), (.unknownClient, 40), (.grantNotAllowed, 20), (.disabledClient, 20),
                (.secretReplaced, 10),
            ]
        ),
        SignatureRow(
            Signature(errors: ["unauthorized_client"], statuses: [401]),
            [
                (.grantNotAllowed, 45), (.wrongSecret, 40), (.disabledClient, 30), (.unknownClient, 20),
                (.secretReplaced, 10), (.authenticationMethod, 10),
            ]
        ),
        SignatureRow(
            Signature(errors: ["unauthorized_client"]),
            [(.grantNotAllowed, 70), (.disabledClient, 25), (.wrongSecret, 10), (.scopeNotAllowed, 5)]
        ),
        SignatureRow(
            Signature(errors: ["unsupported_grant_type"]),
            [(.grantNotOffered, 60), (.grantNotAllowed, 40), (.wrongPath, 10)]
        ),
        SignatureRow(
            Signature(errors: ["invalid_scope"]),
            [(.scopeNotAllowed, 60), (.scopeOfWrongKind, 40), (.scopeMissing, 5)]
        ),
        SignatureRow(Signature(errors: ["invalid_target"]), [(.targetNotAllowed, 80), (.scopeNotAllowed, 10)]),
        SignatureRow(
            Signature(grants: [.clientCredentials], errors: ["invalid_grant"]),
            [(.grantNotAllowed, 50), (.scopeNotAllowed, 45), (.clientFlowsOff, 30), (.wrongSecret, 0)]
        ),
        SignatureRow(
            Signature(grants: [.authorizationCode], errors: ["invalid_grant"], words: ["redirect"]),
            [(.redirectMismatch, 90), (.codeReused, 20)]
        ),
        SignatureRow(
            Signature(
                grants: [.authorizationCode],
                errors: ["invalid_grant"],
                words: ["pkce", "verifier", "challenge"]
            ),
            [(.verifierMismatch, 90), (.codeReused, 20)]
        ),
        SignatureRow(
            Signature(grants: [.authorizationCode], errors: ["invalid_grant"]),
            [
                (.codeReused, 45), (.codeExpired, 40), (.redirectMismatch, 30), (.verifierMismatch, 25),
                (.codeConsumedByFirstError, 0), (.wrongSecret, 0),
            ]
        ),
        SignatureRow(
            Signature(grants: [.deviceCode], errors: ["invalid_grant", "expired_token"]),
            [(.codeExpired, 60)]
        ),
        SignatureRow(
            Signature(grants: [.refreshToken], errors: ["invalid_grant"], words: ["reuse", "rotat", "already used"]),
            [(.refreshTokenReused, 90), (.refreshTokenRevoked, 40)]
        ),
        SignatureRow(
            Signature(grants: [.refreshToken], errors: ["invalid_grant"], words: ["client"]),
            [
                (.refreshTokenOfAnotherClient, 50), (.refreshTokenRevoked, 45), (.refreshTokenExpired, 30),
                (.wrongSecret, 0),
            ]
        ),
        SignatureRow(Signature(errors: ["invalid_grant"]), refusedRefreshToken),
        SignatureRow(
            Signature(grants: [.authorizationCode], errors: ["invalid_request"]),
            [
                (.requestMalformed, 40), (.redirectMismatch, 25), (.verifierMismatch, 20), (.secretNotSent, 10),
                (.codeConsumedByFirstError, 0),
            ]
        ),
        SignatureRow(
            Signature(errors: ["invalid_request"], words: ["scope"]),
            [(.scopeMissing, 50), (.scopeNotAllowed, 40), (.requestMalformed, 30)]
        ),
        SignatureRow(
            Signature(errors: ["invalid_request"], words: ["secret", "client_id", "client authentication"]),
            [(.secretNotSent, 50), (.authenticationMethod, 40), (.requestMalformed, 30), (.secretNotWanted, 10)]
        ),
        SignatureRow(
            Signature(errors: ["invalid_request"]),
            [
                (.requestMalformed, 50), (.targetNotAllowed, 20), (.scopeMissing, 15), (.secretNotSent, 15),
                (.authenticationMethod, 10),
            ]
        ),
        SignatureRow(
            Signature(errors: ["access_denied"], statuses: [401]),
            [
                (.wrongSecret, 50), (.unknownClient, 30), (.grantNotAllowed, 20), (.disabledClient, 15),
                (.secretReplaced, 10),
            ]
        ),
        SignatureRow(
            Signature(grants: [.authorizationCode, .deviceCode], errors: ["access_denied"]),
            [(.personWanted, 45), (.wrongSecret, 40), (.consentMissing, 20), (.grantNotAllowed, 15)]
        ),
        SignatureRow(
            Signature(errors: ["access_denied"]),
            [
                (.wrongSecret, 45), (.grantNotAllowed, 35), (.consentMissing, 25), (.targetNotAllowed, 20),
                (.unknownClient, 20), (.personWanted, 15), (.secretReplaced, 10),
            ]
        ),
        SignatureRow(Signature(errors: ["consent_required"]), [(.consentMissing, 90), (.personWanted, 30)]),
        SignatureRow(
            Signature(errors: ["interaction_required", "login_required"]),
            [(.personWanted, 90), (.sessionEnded, 40), (.consentMissing, 20)]
        ),
        SignatureRow(Signature(errors: ["server_error"]), [(.serverFailing, 90)]),
        SignatureRow(Signature(errors: ["temporarily_unavailable"]), [(.serverFailing, 80), (.throttled, 40)]),
        SignatureRow(Signature(errors: ["slow_down", "rate_limited"]), [(.throttled, 100), (.clientLoops, 20)]),
        SignatureRow(Signature(statuses: [429]), [(.throttled, 100), (.clientLoops, 20)]),
    ]

    private static let assertionCauses: [(CauseID, Int)] = [
        (.assertionRefused, 60), (.clockWrong, 20), (.unknownClient, 15), (.authenticationMethod, 10),
        (.wrongSecret, 0),
    ]

    /// The server accepts neither who the client is nor how it proves it.
    static let refusedClient: [(CauseID, Int)] = [
        (.wrongSecret, 40), (.unknownClient, 30), (.authenticationMethod, 20), (.basicEncoding, 20),
        (.disabledClient, 15), (.secretReplaced, 10), (.secretNotWanted, 5), (.secretMalformed, 0),
        (.identifierAndSecretSwapped, 0), (.secretNotSent, 0), (.secretIdentifierPasted, 0),
    ]

    static let refusedRefreshToken: [(CauseID, Int)] = [
        (.refreshTokenRevoked, 40), (.refreshTokenExpired, 35), (.refreshTokenReused, 30), (.sessionEnded, 20),
        (.refreshTokenOfAnotherClient, 15), (.personWanted, 5), (.wrongSecret, 0), (.grantNotAllowed, 0),
    ]
}
