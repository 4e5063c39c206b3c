package import OAuth2

/// A client as it is configured, to be looked over without asking anybody.
package struct ClientSettings: Sendable {
    package var provider: Provider
    package var grant: Grant
    package var method: AuthenticationMethod
    package var basicEncoding: BasicEncoding
    package var clientID: String

    /// In the order in which they are tried; empty where they are not to be looked at.
    package var secrets: [Secret]

    /// Where its token requests go; nil when an issuer is to say so and has not.
    package var tokenEndpoint: EndpointURL?

    /// Where its metadata begin, if it is known.
    package var issuer: EndpointURL?

    /// Where the server's keys are, which on some providers another host has.
    package var keys: EndpointURL?

    package var scopes: ScopeSet
    package var redirectURI: String?

    /// Those of other clients with the same client_id.
    package var otherRedirectURIs: [String]

    package init(
        provider: Provider,
        grant: Grant,
        method: AuthenticationMethod,
        basicEncoding: BasicEncoding = .form,
        clientID: String,
        secrets: [Secret] = [],
        tokenEndpoint: EndpointURL? = nil,
        issuer: EndpointURL? = nil,
        keys: EndpointURL? = nil,
        scopes: ScopeSet = .none,
        redirectURI: String? = nil,
        otherRedirectURIs: [String] = []
    ) {
        self.provider = provider
        self.grant = grant
        self.method = method
        self.basicEncoding = basicEncoding
        self.clientID = clientID
        self.secrets = secrets
        self.tokenEndpoint = tokenEndpoint
        self.issuer = issuer
        self.keys = keys
        self.scopes = scopes
        self.redirectURI = redirectURI
        self.otherRedirectURIs = otherRedirectURIs
    }

    /// What is hardly meant, and what a diagnosis may need besides.
    package var remarks: [Remark] {
        let looked: [[Remark]] = [identityRemarks, secretRemarks, addressRemarks, grantRemarks, redirectRemarks]
        return looked.flatMap(\.self)
    }

    /// What `remarks` says, as a diagnosis counts it.
    package var observations: [Observation] { remarks.map(\.observation) }
}

extension Provider {
    /// As people call it.
    var title: String {
        switch self {
        case .generic: "the authorization server"
        case .cognito: "Amazon Cognito"
        case .entra: "Microsoft Entra ID"
        case .google: "Google"
        case .okta: "Okta"
        case .auth0: "Auth0"
        case .keycloak: "Keycloak"
        case .github: "GitHub"
        case .slack: "Slack"
        case .salesforce: "Salesforce"
        }
    }
}
