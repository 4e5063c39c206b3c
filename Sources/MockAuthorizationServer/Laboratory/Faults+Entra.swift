/// What goes wrong at Microsoft Entra ID.
extension LaboratoryFault {
    static let entra: [LaboratoryFault] = entraClients + entraRequests + entraPersons

    private static func entra(
        _ suffix: String,
        cause: String,
        _ summary: String,
        _ twist: Twist,
        grants: [GrantType] = [.clientCredentials, .refreshToken],
        settings: [String] = [],
        setUp: String = "",
        isMetByDaemon: Bool = true
    ) -> LaboratoryFault {
        LaboratoryFault(
            .entra,
            suffix,
            cause: cause,
            summary,
            twist,
            grants: grants,
            settings: settings,
            setUp: setUp,
            isMetByDaemon: isMetByDaemon
        )
    }

    private static let entraClients: [LaboratoryFault] = [
        entra(
            "wrong_secret",
            cause: "wrong_secret",
            "The client secret is not the application's.",
            .at(.proof, .secretWrong, when: .secretPresent)
        ),
        entra(
            "secret_identifier_pasted",
            cause: "secret_identifier_pasted",
            "The secret's ID was copied in place of its value.",
            .at(.proof, .secretWrong, when: .secretIsUUID),
            setUp: "Give the client a UUID as its secret."
        ),
        entra(
            "secret_expired",
            cause: "secret_expired",
            "The client secret has expired.",
            .at(
                .proof,
                Refusal(401, "invalid_client", "The provided client secret keys are expired.", number: 7_000_222),
                when: .secretPresent
            )
        ),
        entra(
            "secret_not_sent",
            cause: "secret_not_sent",
            "The application is confidential, and the request brings no secret.",
            .at(.proof, .secretMissing, when: .secretMissing),
            grants: [.refreshToken],
            settings: [#"client_authentication = "none""#]
        ),
        entra(
            "secret_not_wanted",
            cause: "secret_not_wanted",
            "The application is public, and the request brings a secret.",
            .at(.client, .secretNotWanted, when: .secretPresent)
        ),
        entra(
            "unknown_client",
            cause: "unknown_client",
            "The application is not in this tenant.",
            .at(.client, .clientUnknown)
        ),
        entra(
            "disabled_client",
            cause: "disabled_client",
            "The application was disabled.",
            .at(.client, .clientDisabled)
        ),
        entra(
            "assertion_refused",
            cause: "assertion_refused",
            "The key that signed the assertion is not the application's.",
            .at(.proof, .assertionRefused, when: .assertionPresent),
            settings: [#"client_authentication = "private_key_jwt""#, #"private_key = { file = "…" }"#]
        ),
        LaboratoryFault(
            .entra,
            "clock_wrong",
            cause: "clock_wrong",
            "The client's clock is ten minutes behind, and its assertions are over before they come.",
            .at(
                .proof,
                Refusal(
                    401,
                    "invalid_client",
                    "Assertion is not within its valid time range.",
                    number: 500_133
                ),
                when: .assertionPresent
            ),
            grants: [.clientCredentials, .refreshToken],
            settings: [#"client_authentication = "private_key_jwt""#, #"private_key = { file = "…" }"#],
            clockOffset: .seconds(600)
        ),
    ]

    private static let entraRequests: [LaboratoryFault] = [
        entra(
            "scope_not_allowed",
            cause: "scope_not_allowed",
            "The scope is none of the resource's.",
            .at(.scope, .scopeNotAllowed, when: .scopeAsked),
            settings: [#"scopes = ["https://graph.microsoft.com/Nothing.Read"]"#]
        ),
        entra(
            "scope_of_wrong_kind",
            cause: "scope_of_wrong_kind",
            "client_credentials takes a resource's .default scope and no other.",
            .at(
                .scope,
                Refusal(
                    400,
                    "invalid_scope",
                    "Client credential flows must have a scope value with /.default suffixed to the resource.",
                    number: 1_002_012
                ),
                when: .scopeNotDefault
            ),
            grants: [.clientCredentials],
            settings: [#"scopes = ["https://graph.microsoft.com/User.Read"]"#]
        ),
        entra(
            "scope_missing",
            cause: "scope_missing",
            "The request names no scope, which Entra ID wants.",
            .at(
                .scope,
                Refusal(
                    400,
                    "invalid_request",
                    "The request body must contain the following parameter: 'scope'.",
                    number: 900_144
                ),
                when: .scopeMissing
            ),
            setUp: "Leave scopes out."
        ),
        entra(
            "target_not_allowed",
            cause: "target_not_allowed",
            "The resource is not in this tenant.",
            .at(
                .scope,
                Refusal(
                    400,
                    "invalid_resource",
                    "The resource principal was not found in the tenant.",
                    number: 500_011
                ),
                when: .scopeAsked
            ),
            settings: [#"scopes = ["api://nothing/.default"]"#]
        ),
        LaboratoryFault(
            .entra,
            "tenant_unknown",
            cause: "tenant_unknown",
            "There is no such tenant.",
            .at(.gateway, Refusal(400, "invalid_request", "Tenant not found.", number: 90_002)),
            grants: [.clientCredentials, .refreshToken],
            issuerRefusal: Refusal(400, "invalid_tenant", "Tenant not found.", number: 90_002)
        ),
        LaboratoryFault(
            .entra,
            "tenant_shared",
            cause: "tenant_shared",
            "An application asks for its own token at the endpoint of all tenants.",
            .at(
                .gateway,
                Refusal(
                    400,
                    "invalid_request",
                    "No tenant-identifying information found in either the request or implied by any credentials.",
                    number: 50_059
                )
            ),
            grants: [.clientCredentials],
            place: .alias("/common/oauth2/v2.0/token")
        ),
        entra(
            "throttled",
            cause: "throttled",
            "Too many requests came.",
            .at(.gateway, Refusal(429, "temporarily_unavailable", "Too many requests.", number: 90_055))
        ),
        entra(
            "client_loops",
            cause: "client_loops",
            "The client has asked for the same token too often within a short time.",
            .at(.proof, Refusal(400, "invalid_grant", "A client loop has been detected.", number: 50_196))
        ),
        entra(
            "server_failing",
            cause: "server_failing",
            "Entra ID itself fails for a while.",
            .at(
                .gateway,
                Refusal(
                    503,
                    "temporarily_unavailable",
                    "A transient error has occurred. Please try again.",
                    number: 90_033
                )
            )
        ),
    ]

    private static let entraPersons: [LaboratoryFault] = [
        refresh(
            .entra,
            "consent_missing",
            cause: "consent_missing",
            "Nobody has consented to the application.",
            Refusal(
                400,
                "invalid_grant",
                "The user or administrator has not consented to use the application.",
                number: 65_001,
                suberror: "consent_required"
            )
        ),
        refresh(
            .entra,
            "person_wanted",
            cause: "person_wanted",
            "A second factor is wanted.",
            Refusal(
                400,
                "invalid_grant",
                "Due to a configuration change, you must use multi-factor authentication.",
                number: 50_076,
                suberror: "basic_action"
            )
        ),
        refresh(
            .entra,
            "access_blocked",
            cause: "person_wanted",
            "A Conditional Access policy blocks the sign-in.",
            Refusal(
                400,
                "invalid_grant",
                "Access has been blocked by Conditional Access policies.",
                number: 53_003,
                suberror: "message_only"
            )
        ),
        refresh(
            .entra,
            "refresh_token_expired",
            cause: "refresh_token_expired",
            "The refresh token was not used for 90 days.",
            .refreshTokenExpired
        ),
        refresh(
            .entra,
            "refresh_token_revoked",
            cause: "refresh_token_revoked",
            "The refresh token was revoked, as by a changed password.",
            .refreshTokenRevoked
        ),
        code(
            .entra,
            "redirect_mismatch",
            cause: "redirect_mismatch",
            "The redirect URI differs from the authorization request's.",
            .redirectDiffers
        ),
        code(.entra, "code_expired", cause: "code_expired", "The code is too old.", .codeExpired),
    ]
}
