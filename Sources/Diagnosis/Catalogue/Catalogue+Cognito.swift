import OAuth2

extension Catalogue {
    /// Amazon Cognito.
    static let cognito = Catalogue(
        signatures: [
            SignatureRow(
                Signature(errors: ["unauthorized_client"], words: ["invalid_redirect"]),
                [(.redirectMismatch, 100), (.grantNotAllowed, 5)]
            ),
            // A wrong secret, which many suspect here, is answered invalid_client.
            SignatureRow(
                Signature(grants: [.authorizationCode], errors: ["unauthorized_client"]),
                [(.redirectMismatch, 60), (.grantNotAllowed, 50), (.unknownClient, -40), (.wrongSecret, -45)]
            ),
            SignatureRow(
                Signature(errors: ["unauthorized_client"]),
                [(.grantNotAllowed, 80), (.clientFlowsOff, -10), (.unknownClient, -40), (.wrongSecret, -45)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_client"], words: ["invalid_client_secret"]),
                [(.wrongSecret, 60), (.secretReplaced, 30), (.basicEncoding, 20), (.secretMalformed, 0)]
            ),
            SignatureRow(
                Signature(errors: ["invalid_client"]),
                [
                    (.wrongSecret, 40), (.unknownClient, 30), (.basicEncoding, 20), (.secretReplaced, 15),
                    (.authenticationMethod, 10), (.secretNotWanted, 5), (.secretNotSent, 0), (.secretMalformed, 0),
                    (.identifierAndSecretSwapped, 0),
                ]
            ),
            SignatureRow(
                Signature(grants: [.clientCredentials], errors: ["invalid_grant"]),
                [(.clientFlowsOff, 60), (.scopeNotAllowed, 35), (.scopeOfWrongKind, 0), (.wrongSecret, -20)]
            ),
            SignatureRow(
                Signature(grants: [.refreshToken], errors: ["invalid_grant"], words: ["expired"]),
                [(.refreshTokenExpired, 80), (.refreshTokenRevoked, 45), (.wrongSecret, -40)]
            ),
            SignatureRow(
                Signature(grants: [.refreshToken], errors: ["invalid_grant"], words: ["revoked"]),
                [(.refreshTokenRevoked, 80), (.sessionEnded, 45), (.refreshTokenReused, 40), (.wrongSecret, -40)]
            ),
            SignatureRow(
                Signature(grants: [.refreshToken], errors: ["invalid_grant"], words: ["disabled"]),
                [(.sessionEnded, 80), (.refreshTokenRevoked, 40), (.wrongSecret, -40)]
            ),
            SignatureRow(
                Signature(grants: [.authorizationCode], errors: ["invalid_grant"]),
                [
                    (.codeReused, 45), (.codeExpired, 40), (.verifierMismatch, 30), (.attributeNotReadable, 25),
                    (.codeConsumedByFirstError, 0), (.wrongSecret, -40),
                ]
            ),
            SignatureRow(
                Signature(errors: ["invalid_scope"]),
                [(.scopeNotAllowed, 60), (.scopeOfWrongKind, 35)]
            ),
            SignatureRow(
                Signature(errors: ["unsupported_grant_type"]),
                [(.grantNotOffered, 60), (.grantNotAllowed, 40)]
            ),
            // Its own server answers a wrong path so, and names the request.
            SignatureRow(
                Signature(errors: ["method_not_allowed"], hasRequestID: true),
                [(.wrongPath, 70), (.acceptRefused, 40)]
            ),
            SignatureRow(Signature(statuses: [405]), [(.wrongPath, 55), (.acceptRefused, 40), (.firewall, 10)]),
            SignatureRow(
                Signature(
                    errors: ["html_answer", "unreadable_answer", "empty_answer", "unnamed_error"],
                    statuses: [403]
                ),
                [(.firewall, 80), (.captivePortal, 25)]
            ),
            SignatureRow(
                Signature(errors: ["toomanyrequestsexception", "toomanyrequests"]),
                [(.throttled, 100)]
            ),
            SignatureRow(
                Signature(words: ["toomanyrequests", "rate exceeded"]),
                [(.throttled, 100)]
            ),
            SignatureRow(Signature(errors: ["internalerrorexception"]), [(.serverFailing, 90)]),
            SignatureRow(
                Signature(errors: ["metadata_not_found", "resourcenotfoundexception"]),
                [(.tenantUnknown, 55), (.wrongRegion, 50)]
            ),
            SignatureRow(Signature(words: ["does not exist"]), [(.tenantUnknown, 55), (.wrongRegion, 50)]),
            // The domain belongs to a region, so that its name is unknown in every other.
            SignatureRow(
                Signature(errors: ["name_not_found"]),
                [(.serverGone, 50), (.wrongRegion, 45), (.serverUnreachable, 20)]
            ),
        ],
        causes: [
            Cause(
                .clientFlowsOff,
                "The app client may use no OAuth grant: AllowedOAuthFlowsUserPoolClient is false.",
                remedy: "Set AllowedOAuthFlowsUserPoolClient to true for the app client, with the grant that {section} "
                    + "names among its AllowedOAuthFlows.",
                evidence: Evidence.permission.with([
                    .refusedWithoutScope: Points.support, .grantedWithoutScope: Points.disproof,
                    .fakeGrantRefused: 0,
                ]),
                alike: [.scopeNotAllowed]
            ),
            Cause(
                .scopeOfWrongKind,
                "The scopes in {section} are not those of a resource server, which are all that client_credentials gives.",
                remedy:
                    "Ask in {section} only for scopes of a resource server, written as IDENTIFIER/SCOPE, and for none "
                    + "of OpenID Connect's.",
                evidence: Evidence.permission.with([
                    .scopesAreOpenID: Points.proof, .scopeLacksIdentifier: Points.proof,
                    .refusedWithoutScope: Points.doubt,
                ])
            ),
            Cause(
                .serverGone,
                "The user pool's domain does not exist: it was deleted, or {section} spells it otherwise.",
                remedy: "Create the user pool's domain again, or correct domain or token_endpoint in {section}.",
                evidence: Evidence.way.with([
                    .nameUnknown: Points.support, .nameFound: Points.disproof, .connected: Points.disproof,
                    .keysFound: Points.support, .metadataFound: Points.support, .workedBefore: Points.hint,
                ]),
                alike: [.wrongRegion]
            ),
        ],
        places: cognitoPlaces,
        remedies: cognitoRemedies
    )

    private static let cognitoPool = "AWS console: Amazon Cognito > User pools > the pool"
    private static let cognitoTrail = "CloudTrail: the event Token_POST, by the request's id"
    private static let cognitoClient = "\(cognitoPool) > Applications > App clients > the client"
    private static let cognitoLogin = "\(cognitoClient) > Login pages > Managed login pages configuration"

    private static let cognitoPlaces: [CauseID: String] = [
        .wrongSecret: "\(cognitoClient) > App client information > Client secret; \(cognitoTrail)",
        .unknownClient: "\(cognitoPool) > Applications > App clients; \(cognitoTrail)",
        .secretReplaced: "\(cognitoClient) > App client information > Client secrets, and when each was made",
        .secretNotSent: "\(cognitoClient) > App client information > Client secret",
        .secretNotWanted: "\(cognitoClient) > App client information > Client secret",
        .secretMalformed: "\(cognitoClient) > App client information > Client secret",
        .grantNotAllowed: "\(cognitoLogin) > OAuth grant types; \(cognitoTrail)",
        .clientFlowsOff:
            "`aws cognito-idp describe-user-pool-client`: AllowedOAuthFlowsUserPoolClient; \(cognitoTrail)",
        .grantNotOffered: "\(cognitoLogin) > OAuth grant types",
        .scopeNotAllowed: "\(cognitoLogin) > Custom scopes; \(cognitoTrail)",
        .scopeOfWrongKind: "\(cognitoPool) > Branding > Domain > Resource servers",
        .redirectMismatch: "\(cognitoLogin) > Allowed callback URLs",
        .refreshTokenRevoked: "CloudTrail: the events Revoke_POST, GlobalSignOut and AdminUserGlobalSignOut",
        .refreshTokenExpired: "\(cognitoClient) > App client information > Refresh token expiration",
        .refreshTokenReused: "\(cognitoClient) > App client information > Refresh token rotation; \(cognitoTrail)",
        .refreshTokenOfAnotherClient: cognitoTrail,
        .sessionEnded: "\(cognitoPool) > User management > Users > the user, and CloudTrail: AdminDisableUser",
        .codeReused: cognitoTrail,
        .codeExpired: cognitoTrail,
        .verifierMismatch: cognitoTrail,
        .attributeNotReadable: "\(cognitoClient) > Attribute permissions",
        .serverGone: "\(cognitoPool) > Branding > Domain",
        .wrongRegion: "\(cognitoPool), whose identifier begins with its region",
        .tenantUnknown: "AWS console: Amazon Cognito > User pools, in each region",
        .firewall: "AWS console: WAF & Shield > Web ACLs > the one of the user pool > Sampled requests",
        .throttled:
            "CloudWatch: CallCount and ThrottleCount of the user pool; Service Quotas: Amazon Cognito user pools",
        .serverFailing: "AWS Health Dashboard, for Cognito in the pool's region",
    ]

    private static let cognitoRemedies: [CauseID: String] = [
        .grantNotAllowed: "Enable the grant that {section} names for this app client under OAuth grant types.",
        .unknownClient: "Set client_id in {section} to the identifier of an app client of this very user pool, and "
            + "client_secret to that client's secret.",
        .scopeNotAllowed: "Select the resource server's scopes that are in {section} for this app client.",
        .redirectMismatch:
            "Set redirect_uri in {section} to a callback URL of the app client, byte for byte and encoded "
            + "once, and log in again.",
        .attributeNotReadable: "Let the app client read the attributes that its scopes stand for, and log in again: "
            + "`tokenctl login {client}`.",
        .wrongPath: "Set token_endpoint in {section} to the pool's domain with the path /oauth2/token.",
        .tenantUnknown: "Set user_pool and region in {section} to those of the pool that the app client belongs to.",
        .wrongRegion: "Set region in {section} to the one that the user pool's identifier begins with.",
        .firewall: "Let the web ACL of the user pool pass requests from this machine.",
        .throttled: "Lower requests_per_second for this server, or ask AWS for a higher quota of the grant.",
    ]
}
