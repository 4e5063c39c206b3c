package import OAuth2

/// Where a request goes that presents nothing to be spent, and how.
package struct Recipient: Sendable {
    /// The endpoint.
    package var url: EndpointURL

    /// What proves that the server is the right one.
    package var trust: ServerTrust

    /// What the client shows of itself in the handshake; nil for one that proves itself otherwise.
    package var certificate: ClientCertificate?

    /// How long the whole may take.
    package var timeout: Duration

    /// As whose the answer is read.
    package var provider: Provider

    package init(
        url: EndpointURL,
        trust: ServerTrust,
        certificate: ClientCertificate? = nil,
        timeout: Duration,
        provider: Provider
    ) {
        self.url = url
        self.trust = trust
        self.certificate = certificate
        self.timeout = timeout
        self.provider = provider
    }
}
