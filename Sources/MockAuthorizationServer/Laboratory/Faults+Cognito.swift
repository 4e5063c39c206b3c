/// What goes wrong at Cognito with the app client, with what it may do, and with what it asks for.
extension LaboratoryFault {
    static let cognito: [LaboratoryFault] =
        cognitoClients + cognitoGrants + cognitoPresented + cognitoWays + cognitoMoments

    private static let cognitoClients: [LaboratoryFault] = [
        LaboratoryFault(
            .cognito,
            "wrong_secret",
            cause: "wrong_secret",
            "The client secret is not the app client's.",
            .at(.proof, .secretWrong, when: .secretPresent)
        ),
        LaboratoryFault(
            .cognito,
            "unknown_client",
            cause: "unknown_client",
            "The user pool has no app client with that client_id.",
            .at(.client, .clientUnknown)
        ),
        LaboratoryFault(
            .cognito,
            "client_of_another_pool",
            cause: "unknown_client",
            "The client_id and its secret are those of an app client in another user pool.",
            .at(.client, .clientUnknown)
        ),
        LaboratoryFault(
            .cognito,
            "secret_of_another_pool",
            cause: "wrong_secret",
            "The client secret is that of an app client in another user pool.",
            .at(.proof, .secretWrong, when: .secretPresent)
        ),
        LaboratoryFault(
            .cognito,
            "secret_not_sent",
            cause: "secret_not_sent",
            "The app client has a secret, and the request brings none.",
            .at(.proof, .secretMissing, when: .secretMissing),
            grants: [.refreshToken, .authorizationCode],
            settings: [#"client_authentication = "none""#]
        ),
        LaboratoryFault(
            .cognito,
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
            .cognito,
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
            .cognito,
            "second_secret",
            cause: "wrong_secret",
            "The app client has a second secret, and its first was deleted.",
            nil,
            setUp: "Register the second secret alone; give the client the first.",
            needs: [.client]
        ),
        LaboratoryFault(
            .cognito,
            "secret_deleted",
            cause: "secret_replaced",
            "The secret was deleted after the first token that it brought.",
            .at(.proof, .secretWrong, when: .afterFirstToken),
            setUp: "Fetch one token, then ask for another."
        ),
        LaboratoryFault(
            .cognito,
            "secret_with_white_space",
            cause: "secret_malformed",
            "White space was copied with the secret.",
            .at(.proof, .secretWrong, when: .secretHasWhiteSpace),
            setUp: "Give the client its secret with a space before or within it."
        ),
        LaboratoryFault(
            .cognito,
            "identifier_and_secret_swapped",
            cause: "identifier_and_secret_swapped",
            "The client_id stands where the secret should, and the other way round.",
            .at(.client, .clientUnknown),
            setUp: "Give the client its secret as client_id, and its client_id as secret."
        ),
    ]

    private static let cognitoGrants: [LaboratoryFault] = [
        LaboratoryFault(
            .cognito,
            "grant_not_allowed",
            cause: "grant_not_allowed",
            "The app client may use neither client_credentials nor refresh tokens.",
            .at(.grant, .grantNotAllowed, when: .grant([.clientCredentials, .refreshToken])),
            grants: [.clientCredentials, .refreshToken]
        ),
        LaboratoryFault(
            .cognito,
            "client_credentials_not_allowed",
            cause: "grant_not_allowed",
            "The app client may not use client_credentials.",
            .at(.grant, .grantNotAllowed, when: .grant([.clientCredentials])),
            grants: [.clientCredentials]
        ),
        LaboratoryFault(
            .cognito,
            "refresh_not_allowed",
            cause: "grant_not_allowed",
            "The app client may not use refresh tokens.",
            .at(.grant, .grantNotAllowed, when: .grant([.refreshToken])),
            grants: [.refreshToken]
        ),
        LaboratoryFault(
            .cognito,
            "code_grant_not_allowed",
            cause: "grant_not_allowed",
            "The app client may not use the code grant.",
            .at(.grant, .grantNotAllowed, when: .grant([.authorizationCode])),
            grants: [.authorizationCode]
        ),
        LaboratoryFault(
            .cognito,
            "client_flows_off",
            cause: "client_flows_off",
            "AllowedOAuthFlowsUserPoolClient is false: client_credentials is an invalid grant, whatever the scope.",
            .at(.grant, Refusal(400, "invalid_grant"), when: .grant([.clientCredentials])),
            grants: [.clientCredentials]
        ),
        LaboratoryFault(
            .cognito,
            "scope_refused_as_grant",
            cause: "scope_not_allowed",
            "The scope is not the app client's, and is refused as an invalid grant.",
            .at(.scope, Refusal(400, "invalid_grant"), when: .scopeAsked),
            grants: [.clientCredentials],
            settings: [#"scopes = ["invoices/write"]"#]
        ),
        LaboratoryFault(
            .cognito,
            "scope_not_allowed",
            cause: "scope_not_allowed",
            "The scope is not the app client's.",
            .at(.scope, .scopeNotAllowed, when: .scopeAsked),
            grants: [.clientCredentials],
            settings: [#"scopes = ["invoices/write"]"#]
        ),
        LaboratoryFault(
            .cognito,
            "scope_of_wrong_kind",
            cause: "scope_of_wrong_kind",
            "A scope of OpenID Connect is asked for where no person logs in.",
            .at(.scope, .scopeNotAllowed, when: .scopeOfPerson),
            grants: [.clientCredentials],
            settings: [#"scopes = ["openid"]"#]
        ),
        LaboratoryFault(
            .cognito,
            "scope_without_identifier",
            cause: "scope_of_wrong_kind",
            "The scope lacks the identifier of its resource server.",
            .at(.scope, .scopeNotAllowed, when: .scopeWithoutIdentifier),
            grants: [.clientCredentials],
            settings: [#"scopes = ["read"]"#]
        ),
    ]
}
