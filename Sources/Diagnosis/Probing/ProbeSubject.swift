package import OAuth2

/// The client that is diagnosed, as far as it decides which probes there are.
package struct ProbeSubject: Sendable {
    /// Its name in the configuration.
    package var client: ClientName
    package var provider: Provider
    package var grant: Grant
    package var method: AuthenticationMethod
    package var basicEncoding: BasicEncoding

    /// How many secrets it has.
    package var secretCount: Int

    /// Where its token requests go; nil when an issuer is to say so and has not.
    package var tokenEndpoint: EndpointURL?

    package var hasIssuer: Bool
    package var hasKeys: Bool
    package var hasScope: Bool
    package var usesProxy: Bool

    /// Whether the operator lets requests be billed.
    package var mayCost: Bool

    /// Whether it holds a token that serves, so that another is not asked for where nothing is wrong.
    package var isServed = false

    package init(
        client: ClientName,
        provider: Provider,
        grant: Grant,
        method: AuthenticationMethod,
        basicEncoding: BasicEncoding = .form,
        secretCount: Int = 1,
        tokenEndpoint: EndpointURL?,
        hasIssuer: Bool = false,
        hasKeys: Bool = false,
        hasScope: Bool = false,
        usesProxy: Bool = false,
        mayCost: Bool = false
    ) {
        self.client = client
        self.provider = provider
        self.grant = grant
        self.method = method
        self.basicEncoding = basicEncoding
        self.secretCount = secretCount
        self.tokenEndpoint = tokenEndpoint
        self.hasIssuer = hasIssuer
        self.hasKeys = hasKeys
        self.hasScope = hasScope
        self.usesProxy = usesProxy
        self.mayCost = mayCost
    }

    /// Whether the provider bills each token of the client's own authority.
    package var isBilled: Bool { grant == .clientCredentials && (provider == .cognito || provider == .auth0) }

    /// What a token request presents to learn how the server takes the client.
    package enum Presentation: Sendable, Hashable {
        /// A refresh token that nobody ever issued.
        case fakeRefreshToken

        /// A code that nobody ever issued.
        case fakeCode

        /// The client's own authority, as it is configured.
        case ownAuthority
    }

    /// What `probe` presents to the token endpoint; nil for one that asks it for no token.
    ///
    /// There are servers that refuse every refresh token they do not know before they look at who the client is, so that
    /// the authentication matrix presents the client's own authority where it has one and asking is free.
    package func presentation(of probe: Probe) -> Presentation? {
        switch probe {
        case .name, .connection, .metadata, .keys: nil
        case .fakeRefreshToken: .fakeRefreshToken
        case .fakeCode: .fakeCode
        case .asConfigured, .withoutScope: .ownAuthority
        case .variant, .madeUpSecret, .madeUpClient: mayAsk ? .ownAuthority : .fakeRefreshToken
        }
    }

    /// Whether a token can be asked for that nobody has to log in or to pay for.
    var mayAsk: Bool { grant.isClientsOwn && (mayCost || !isBilled) }

    /// The probes that there are for it, cheap ones first.
    var probes: [Probe] {
        var probes: [Probe] = usesProxy ? [.connection] : [.name, .connection]
        if hasIssuer { probes.append(.metadata) }
        if hasKeys { probes.append(.keys) }
        probes.append(.fakeRefreshToken)
        if grant == .authorizationCode { probes.append(.fakeCode) }
        if method == .clientSecretBasic || method == .clientSecretPost || method == .none { probes += variants }
        if method.means == .secret, method != .clientSecretJWT { probes.append(.madeUpSecret) }
        probes.append(.madeUpClient)
        if mayAsk {
            probes.append(.asConfigured)
            if hasScope { probes.append(.withoutScope) }
        }
        return probes
    }

    /// All but the configured one.
    private var variants: [Probe] {
        let configured = AuthenticationVariant(form: form, secret: method.means == .secret ? 0 : nil)
        let forms: [AuthenticationVariant.Form] = [.basicForm, .basicRaw, .body]
        let all =
            (0..<secretCount).flatMap { place in forms.map { AuthenticationVariant(form: $0, secret: place) } }
            + [AuthenticationVariant(form: .none, secret: nil)]
        return all.filter { $0 != configured }.map(Probe.variant)
    }

    /// How it proves itself, as the matrix has it.
    var form: AuthenticationVariant.Form {
        switch method {
        case .clientSecretBasic: basicEncoding == .raw ? .basicRaw : .basicForm
        case .clientSecretPost: .body
        default: .none
        }
    }
}
