package import OAuth2
package import TokenEndpoint

extension ClientConfiguration {
    /// What decides which tokens the client gets; while it stays, tokens outlive a change of the rest.
    package struct TokenSource: Sendable, Hashable {
        package let clientID: String
        package let endpoint: String
        package let parameters: [FormParameter]
    }

    /// What a kept token must have come from to be served for this client.
    package var tokenSource: TokenSource {
        TokenSource(clientID: clientID, endpoint: endpoint.url.text, parameters: parameters)
    }

    /// How this client reaches its server, and whom it trusts there.
    package var trust: ServerTrust { ServerTrust(caFile: caFile, proxy: proxy) }

    /// Whether it shows a certificate to its server (RFC 8705 §2).
    package var hasCertificate: Bool { authentication.means == .certificate }

    /// The request that presents `grant` for a token that is good for `target`.
    package func tokenRequest(
        _ grant: AuthorizationGrant,
        as authentication: ClientAuthentication,
        for target: TokenTarget
    ) -> TokenRequest {
        TokenRequest(
            grant: grant,
            clientID: clientID,
            authentication: authentication,
            target: target,
            parameters: parameters
        )
    }

    /// As whose the answers of the server at `url` are read: the operator's word counts, then the host's name.
    package func spokenProvider(at url: EndpointURL) -> Provider {
        provider == .generic ? Provider(recognizing: url) ?? .generic : provider
    }

    /// Reads what the client needs to prove itself, to find out whether it is there.
    package func checkCredentials(environment: [String: String]) throws(TokenEndpointFailure) {
        do throws(SecretError) {
            if authentication.means == .secret { _ = try secrets.resolveFirst(environment: environment) }
        } catch {
            throw error.failure
        }
    }
}

extension SecretError {
    /// As a slot's machine hears of it: the client cannot be asked for until this changes.
    package var failure: TokenEndpointFailure {
        TokenEndpointFailure(isPassing ? .transient : .configuration, .secretUnreadable, words: description)
    }
}
