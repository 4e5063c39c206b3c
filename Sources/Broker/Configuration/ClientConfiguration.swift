package import OAuth2
package import TokenEndpoint
package import TokenLifecycle

/// One client as the operator wrote it, with its defaults filled in.
package struct ClientConfiguration: Sendable, Equatable {
    package var name: ClientName

    /// Whose server it is, by the operator's word.
    package var provider: Provider = .generic

    /// The `client_id` the authorization server knows; empty only for an assertion's grant, which says itself who asks.
    package var clientID: String

    package var endpoint: ServerEndpoint

    package var authentication: AuthenticationMethod

    /// Where its secrets are, each tried in turn until one is accepted; empty when `authentication` needs none.
    package var secrets: [SecretSource]

    package var basicEncoding: BasicEncoding = .form

    /// What it presents to be given a token.
    package var grant: Grant = .clientCredentials

    /// Where a first refresh token is, the first that can be read; empty when the operator named none.
    package var firstRefreshToken: [SecretSource] = []

    /// Whether the server takes each refresh token only once.
    package var rotation: Rotation = .auto

    /// From the first issue of a refresh token to the end of all that descend from it; nil when not known.
    package var refreshTokenLifetime: Duration?

    /// How long a refresh token lives unused; nil when not known.
    package var refreshTokenIdle: Duration?

    /// Where the browser is sent back to after a login (RFC 6749 §3.1.2), as it is written; port 0 stands for any.
    package var redirectURI: String?

    /// The endpoints besides the token endpoint, as far as they are written or known of the provider; others the
    /// server's metadata are to name.
    package var endpoints: [EndpointKind: EndpointURL] = [:]

    /// Whether its grant is revoked, and not kept, when the client is removed from the configuration.
    package var revokeOnRemoval = false

    /// What its assertions are signed with, and what they say.
    package var assertion = AssertionConfiguration()

    /// Where its certificate is, the first that can be read: a PEM chain, its own first; empty when it has none.
    package var certificate: [SecretSource] = []

    /// What a token is asked for when the caller says nothing.
    package var target: TokenTarget = TokenTarget()

    /// Extra form parameters, in the order of their names.
    package var parameters: [FormParameter] = []

    package var policy: RefreshPolicy = RefreshPolicy()

    package var requestTimeout: Duration = ClientConfiguration.defaultRequestTimeout

    /// A private CA's certificates, besides the system's.
    package var caFile: String?

    package var proxy: ProxySetting?

    /// Who may use it; nil when the operator left `allow` out: root and the daemon's own user.
    package var allow: [AllowRule]?

    /// Long enough for a slow server, short enough that a caller's patience is not spent on one attempt.
    package static let defaultRequestTimeout: Duration = .seconds(30)

    /// Below a second no TLS handshake over a long way would end in time; beyond five minutes nobody waits.
    package static let requestTimeoutBounds: ClosedRange<Duration> = .seconds(1) ... .seconds(300)

    /// A client with what it cannot be without, and defaults for the rest.
    package init(
        name: ClientName,
        clientID: String,
        endpoint: ServerEndpoint,
        authentication: AuthenticationMethod,
        secrets: [SecretSource]
    ) {
        self.name = name
        self.clientID = clientID
        self.endpoint = endpoint
        self.authentication = authentication
        self.secrets = secrets
    }

    /// What a caller asks for, with the client's own audience and scope where it named none.
    package func target(scope: ScopeSet?, audience: String?, resource: [String]) -> TokenTarget {
        TokenTarget(
            scope: scope ?? target.scope,
            audience: audience ?? target.audience,
            resource: resource.isEmpty ? target.resource : resource
        )
    }
}

/// What a client signs assertions with, and what they say, as far as the operator wrote it.
package struct AssertionConfiguration: Sendable, Equatable {
    /// Where the private key is, the first that can be read: PEM, a JWK, or Google's key file; empty when it has none.
    package var privateKey: [SecretSource] = []

    /// The `kid` of the header (RFC 7515 §4.1.4); nil for what the key itself says.
    package var keyID: String?

    /// How it is signed; nil for what the key is good for.
    package var algorithm: SigningAlgorithm?

    /// The `aud` (RFC 7523 §3); nil for the provider's, or the token endpoint.
    package var audience: String?

    /// The `iss` of a grant's assertion; nil for the client's identifier, or what the key file says.
    package var issuer: String?

    /// The `sub` of a grant's assertion: for whom it is asked; nil for the issuer itself.
    package var subject: String?

    package init() {}
}

/// Whether an authorization server takes a refresh token only once, by the operator's word.
package enum Rotation: String, Sendable, Hashable, CaseIterable {
    /// Not known, so that it counts as if it did.
    case auto
    case always
    case never
}

/// How the token endpoint is known.
package enum ServerEndpoint: Sendable, Equatable {
    case tokenEndpoint(EndpointURL)

    /// Found by discovery (RFC 8414, OpenID Connect Discovery).
    case issuer(EndpointURL)

    /// The address that was configured: of the endpoint itself, or of the server that names it.
    package var url: EndpointURL {
        switch self {
        case .tokenEndpoint(let url), .issuer(let url): url
        }
    }
}
