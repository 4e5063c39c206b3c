import OAuth2

extension Catalogue {
    /// What the client may do.
    static let permissionCauses: [Cause] = [
        Cause(
            .grantNotAllowed,
            "The authorization server knows the client, and does not allow it this grant.",
            remedy: "Enable the grant that {section} names for this client at the authorization server.",
            lookUp: "the client's grant types in its registration at the authorization server",
            evidence: Evidence.permission.with([
                .fakeGrantNotAllowed: Points.proof, .fakeGrantRefused: Points.disproof,
            ]),
            alike: [.scopeNotAllowed]
        ),
        Cause(
            .clientFlowsOff,
            "The client may use no OAuth grant at all.",
            remedy: "Turn on the OAuth grants for this client at the authorization server.",
            lookUp: "the client's OAuth settings at the authorization server",
            evidence: Evidence.permission.with([
                .refusedWithoutScope: Points.support, .grantedWithoutScope: Points.disproof,
            ]),
            alike: [.scopeNotAllowed]
        ),
        Cause(
            .grantNotOffered,
            "The authorization server does not offer the grant at this endpoint.",
            remedy: "Check grant and token_endpoint in {section}, and enable the grant at the authorization server.",
            lookUp: "grant_types_supported in the authorization server's metadata",
            evidence: Evidence.permission.with([
                .grantNotOffered: Points.support, .fakeGrantRefused: Points.disproof, .workedBefore: -Points.hint,
            ])
        ),
        Cause(
            .scopeNotAllowed,
            "The authorization server does not grant this client a scope that it asks for.",
            remedy: "Allow the client every scope in {section} at the authorization server, or take the others out.",
            lookUp: "the client's scopes in its registration at the authorization server",
            evidence: Evidence.permission.with([
                .grantedWithoutScope: Points.proof, .refusedWithoutScope: Points.disproof,
                .otherwiseWithoutScope: Points.hint, .noScopeNamed: Points.doubt,
            ]),
            alike: [.clientFlowsOff, .grantNotAllowed]
        ),
        Cause(
            .scopeOfWrongKind,
            "The scopes in {section} are of a kind that this grant does not give.",
            remedy: "Ask in {section} only for scopes of an application interface, written as the authorization server "
                + "writes them.",
            lookUp: "the scopes that the authorization server offers to this grant",
            evidence: Evidence.permission.with([
                .scopesAreOpenID: Points.proof, .scopeLacksIdentifier: Points.proof, .scopeNotDefault: Points.proof,
                .refusedWithoutScope: Points.doubt,
            ])
        ),
        Cause(
            .scopeMissing,
            "The authorization server wants the request to name a scope, and it names none.",
            remedy: "Name the scopes that the client needs in {section}.",
            evidence: Evidence.permission.with([.scopeMissing: Points.proof, .scopeNamed: Points.disproof])
        ),
        Cause(
            .targetNotAllowed,
            "The authorization server does not issue this client tokens for the audience or resource that it asks for.",
            remedy:
                "Check audience and resource in {section}, and allow them to this client at the authorization server.",
            lookUp: "the interfaces that the client may call, in its registration at the authorization server",
            evidence: Evidence.permission
        ),
        Cause(
            .consentMissing,
            "Nobody has consented to what the client asks for.",
            remedy:
                "Have a person, or an administrator of the authorization server, consent to the scopes in {section}.",
            lookUp: "the consents that the client has at the authorization server",
            evidence: Evidence.permission
        ),
        Cause(
            .publisherTesting,
            "The application's publishing status is Testing, so that its refresh tokens end after seven days.",
            remedy: "Publish the application, and log in again: `tokenctl login {client}`.",
            lookUp: "the publishing status of the application's consent screen",
            evidence: Evidence.refreshToken.with([
                .refreshTokenOverAge: Points.support, .refreshTokenNeverWorked: Points.doubt,
            ]),
            alike: [.refreshTokenRevoked, .refreshTokenExpired]
        ),
    ]
}
