internal import Diagnosis
internal import OAuth2
internal import TokenEndpoint

/// Where a client's servers are, as far as that is known.
struct ProbedServers: Sendable {
    /// Where its token requests go; nil when an issuer is to say so and has not.
    let tokenEndpoint: EndpointURL?
    let issuer: EndpointURL?
    let keys: EndpointURL?

    /// The server that is connected to.
    let server: EndpointURL

    init(_ client: ClientConfiguration, tokenEndpoint: EndpointURL?, keys: EndpointURL?) {
        self.tokenEndpoint = tokenEndpoint
        self.keys = keys
        issuer = if case .issuer(let issuer) = client.endpoint { issuer } else { client.endpoints[.issuer] }
        server = tokenEndpoint ?? client.endpoint.url
    }
}

extension ClientConfiguration {
    /// Whose servers these are: the operator's word counts, then the name of any of their hosts.
    ///
    /// What a provider bills must not be asked for because only one of its hosts has a name that is known.
    func provider(of servers: ProbedServers) -> Provider {
        guard provider == .generic else { return provider }
        let hosts = [servers.tokenEndpoint, servers.server, servers.issuer, servers.keys]
        return hosts.lazy.compactMap(\.self).compactMap(Provider.init(recognizing:)).first ?? .generic
    }
}

extension ProbeSubject {
    /// - Parameter mayCost: Whether the operator lets requests be billed.
    init(_ client: ClientConfiguration, at servers: ProbedServers, mayCost: Bool) {
        self.init(
            client: client.name,
            provider: client.provider(of: servers),
            grant: client.grant,
            method: client.authentication,
            basicEncoding: client.basicEncoding,
            secretCount: client.secrets.count,
            tokenEndpoint: servers.tokenEndpoint,
            hasIssuer: servers.issuer != nil,
            hasKeys: servers.keys != nil,
            hasScope: !client.target.scope.isEmpty,
            usesProxy: client.proxy?.applies(to: servers.server) ?? false,
            mayCost: mayCost
        )
    }
}
