import OAuth2

extension Catalogue {
    /// Answers that name no error.
    static let answerSignatures: [SignatureRow] = [
        SignatureRow(
            Signature(errors: ["method_not_allowed"]),
            [(.wrongPath, 60), (.acceptRefused, 30), (.captivePortal, 5)]
        ),
        SignatureRow(
            Signature(errors: ["not_found"]),
            [(.wrongPath, 60), (.tenantUnknown, 35), (.unknownClient, 5)]
        ),
        SignatureRow(
            Signature(statuses: [404]),
            [(.wrongPath, 60), (.tenantUnknown, 35), (.unknownClient, 5)]
        ),
        SignatureRow(Signature(errors: ["redirect_refused"]), [(.wrongPath, 60), (.captivePortal, 40)]),
        SignatureRow(
            Signature(errors: ["html_answer"], statuses: [403]),
            [(.firewall, 70), (.captivePortal, 25), (.wrongPath, 10)]
        ),
        SignatureRow(
            Signature(errors: ["html_answer"], statuses: [400, 401, 405, 406]),
            [(.wrongPath, 45), (.firewall, 40), (.captivePortal, 25)]
        ),
        SignatureRow(
            Signature(errors: ["html_answer"]),
            [(.captivePortal, 60), (.wrongPath, 35), (.firewall, 25)]
        ),
        SignatureRow(
            Signature(errors: ["unreadable_answer"], statuses: [403]),
            [(.firewall, 65), (.wrongSecret, 20), (.captivePortal, 15)]
        ),
        SignatureRow(Signature(errors: ["empty_answer", "unnamed_error"], statuses: [401, 403]), muteRefusal),
        // A refusal of what was presented, or of the client, without a word of which.
        SignatureRow(
            Signature(
                grants: [.refreshToken],
                errors: ["empty_answer", "unreadable_answer", "unnamed_error"],
                statuses: [400]
            ),
            [
                (.refreshTokenRevoked, 40), (.refreshTokenReused, 35), (.refreshTokenExpired, 35), (.wrongSecret, 20),
                (.refreshTokenOfAnotherClient, 15), (.sessionEnded, 15), (.unknownClient, 10), (.grantNotAllowed, 10),
            ]
        ),
        SignatureRow(
            Signature(
                grants: [.authorizationCode],
                errors: ["empty_answer", "unreadable_answer", "unnamed_error"],
                statuses: [400]
            ),
            [
                (.codeReused, 40), (.codeExpired, 35), (.redirectMismatch, 30), (.verifierMismatch, 20),
                (.wrongSecret, 20),
            ]
        ),
        SignatureRow(
            Signature(errors: ["empty_answer", "unreadable_answer", "unnamed_error"], statuses: [400]),
            [
                (.grantNotAllowed, 40), (.wrongSecret, 35), (.scopeNotAllowed, 30), (.requestMalformed, 25),
                (.unknownClient, 20), (.secretReplaced, 10),
            ]
        ),
        SignatureRow(
            Signature(errors: ["no_access_token", "unreadable_answer", "empty_answer", "unusable_access_token"]),
            [(.wrongPath, 40), (.serverFailing, 35), (.captivePortal, 20)]
        ),
        SignatureRow(
            Signature(errors: ["http_server_error", "request_timeout"]),
            [(.serverFailing, 80), (.serverUnreachable, 15)]
        ),
        SignatureRow(Signature(errors: ["token_expired_on_arrival"]), [(.clockWrong, 60), (.serverFailing, 30)]),
    ]

    /// Some servers refuse a client without a word, and so do firewalls.
    private static let muteRefusal: [(CauseID, Int)] = [
        (.wrongSecret, 45), (.unknownClient, 30), (.disabledClient, 25), (.authenticationMethod, 20),
        (.basicEncoding, 20), (.firewall, 10), (.secretNotWanted, 5), (.secretReplaced, -10), (.secretMalformed, 0),
        (.identifierAndSecretSwapped, 0), (.secretNotSent, 0),
    ]

    /// Requests without an answer.
    static let transportSignatures: [SignatureRow] = [
        SignatureRow(
            Signature(errors: ["name_not_found"]),
            [(.serverGone, 60), (.serverUnreachable, 30), (.wrongRegion, 0)]
        ),
        SignatureRow(
            Signature(errors: ["certificate_refused"]),
            [
                (.certificateUntrusted, 45), (.certificateForAnotherName, 40), (.certificateExpired, 40),
                (.captivePortal, 5), (.clockWrong, 5),
            ]
        ),
        SignatureRow(
            Signature(errors: ["client_certificate_refused"]),
            [(.certificateRefused, 90), (.certificateUntrusted, 5)]
        ),
        SignatureRow(Signature(errors: ["proxy_failed"]), [(.proxyRefused, 80), (.serverUnreachable, 30)]),
        SignatureRow(
            Signature(errors: ["not_http"]),
            [(.wrongPath, 40), (.captivePortal, 30), (.serverUnreachable, 30)]
        ),
        SignatureRow(
            Signature(errors: ["tls_failed"]),
            [(.serverUnreachable, 50), (.firewall, 30), (.captivePortal, 20), (.serverGone, 10)]
        ),
        SignatureRow(
            Signature(errors: ["connection_refused", "connect_timeout"]),
            [(.serverUnreachable, 70), (.serverGone, 20), (.wrongRegion, 0)]
        ),
        SignatureRow(
            Signature(errors: ["reset_before_sending", "reset_after_sending", "response_timeout"]),
            [(.serverFailing, 50), (.serverUnreachable, 45), (.firewall, 20)]
        ),
        SignatureRow(Signature(errors: ["response_too_large"]), [(.wrongPath, 50), (.captivePortal, 40)]),
    ]

    /// Codes of nobody's standard that hold a telling word, from the plainest on.
    static let tellingSignatures: [SignatureRow] = [
        SignatureRow(Signature(codeContains: ["throttl", "too_many", "rate_limit", "ratelimit"]), [(.throttled, 90)]),
        SignatureRow(
            Signature(codeContains: ["disabled", "suspended", "inactive", "deactivated", "blocked"]),
            [(.disabledClient, 60), (.grantNotAllowed, 25), (.sessionEnded, 15)]
        ),
        SignatureRow(
            Signature(codeContains: ["scope"]),
            [(.scopeNotAllowed, 60), (.scopeOfWrongKind, 35), (.scopeMissing, 10), (.wrongSecret, 0)]
        ),
        SignatureRow(
            Signature(codeContains: ["authorization_type", "grant_type", "granttype", "flow"]),
            [(.grantNotAllowed, 65), (.grantNotOffered, 40), (.disabledClient, 10), (.wrongSecret, 0)]
        ),
        SignatureRow(
            Signature(codeContains: ["client_id", "unknown_client"]),
            [(.unknownClient, 60), (.wrongSecret, 40)]
        ),
        SignatureRow(Signature(codeContains: ["secret", "credential", "client"]), refusedClient),
        SignatureRow(
            Signature(codeContains: ["redirect", "callback"]),
            [(.redirectMismatch, 80), (.codeReused, 20)]
        ),
        SignatureRow(Signature(codeContains: ["refresh"]), refusedRefreshToken),
        SignatureRow(
            Signature(codeContains: ["code"]),
            [(.codeReused, 45), (.codeExpired, 45), (.redirectMismatch, 20), (.verifierMismatch, 15)]
        ),
        SignatureRow(Signature(codeContains: ["consent"]), [(.consentMissing, 70), (.personWanted, 30)]),
        SignatureRow(
            Signature(codeContains: ["mfa", "login", "interaction", "verification"]),
            [(.personWanted, 70), (.sessionEnded, 30)]
        ),
        SignatureRow(
            Signature(codeContains: ["audience", "resource", "target"]),
            [(.targetNotAllowed, 65), (.scopeNotAllowed, 30)]
        ),
        SignatureRow(
            Signature(codeContains: ["grant", "token"]),
            refusedRefreshToken
        ),
        SignatureRow(
            Signature(codeContains: ["internal", "unavailable", "fatal", "server_error"]),
            [(.serverFailing, 80)]
        ),
    ]

    /// What is left where no code tells: guesses by the status and the class.
    static let guesses: [SignatureRow] = [
        SignatureRow(Signature(statuses: [401]), refusedClient),
        SignatureRow(
            Signature(classes: [.loginRequired, .unexplainedRefusal, .expiredDeviceCode]),
            refusedRefreshToken
        ),
        SignatureRow(Signature(classes: [.transient, .unknown]), [(.serverFailing, 40), (.serverUnreachable, 10)]),
        SignatureRow(
            Signature(classes: [.endpointMisconfigured, .protocol]),
            [(.wrongPath, 40), (.captivePortal, 20), (.serverFailing, 20)]
        ),
        SignatureRow(
            Signature(classes: [.configuration, .halted]),
            [
                (.requestMalformed, 30), (.wrongSecret, 25), (.grantNotAllowed, 25), (.scopeNotAllowed, 25),
                (.unknownClient, 15), (.disabledClient, 15),
            ]
        ),
    ]
}
