internal import OAuth2
internal import TokenEndpoint

/// What can be asked of a client's servers without presenting anything.
extension TokenExchanges {
    /// The addresses of the server's name; empty when there is none.
    func addresses(of url: EndpointURL, for client: ClientConfiguration) async throws(TokenEndpointFailure) -> [String]
    {
        try await endpoint.addresses(of: url, timeout: client.requestTimeout)
    }

    /// A connection to the server of `url`, with the client's certificate where it has one.
    func connection(
        to url: EndpointURL,
        for client: ClientConfiguration
    ) async throws(TokenEndpointFailure) -> ServerConnection {
        try await endpoint.connection(
            to: url,
            trust: client.trust,
            certificate: try client.readCertificate(environment: environment),
            timeout: client.requestTimeout
        )
    }

    /// How many keys the server has at `url`.
    func keyCount(at url: EndpointURL, for client: ClientConfiguration) async throws(TokenEndpointFailure) -> Int {
        try await endpoint.keyCount(
            at: url,
            provider: client.spokenProvider(at: url),
            trust: client.trust,
            timeout: client.requestTimeout
        )
    }

    /// What `issuer` says about itself now, whatever is cached.
    func currentMetadata(
        of issuer: EndpointURL,
        for client: ClientConfiguration
    ) async throws(TokenEndpointFailure) -> AuthorizationServerMetadata {
        try await endpoint.currentMetadata(issuer: issuer, trust: client.trust, timeout: client.requestTimeout)
    }
}
