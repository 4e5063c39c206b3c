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
        _ = try readCertificate(environment: environment)?.expiry()
    }

    /// Reads the certificate and its key anew, so that replaced files count at the next attempt; nil for a client that
    /// proves itself otherwise.
    package func readCertificate(environment: [String: String]) throws(TokenEndpointFailure) -> ClientCertificate? {
        guard hasCertificate else { return nil }
        let (chain, chainPlace) = try readPart(certificate, "certificate", environment)
        let (key, keyPlace) = try readPart(assertion.privateKey, "private_key", environment)
        return ClientCertificate(chain: chain, from: chainPlace, key: key, from: keyPlace)
    }

    /// The first of `sources` that can be read, and where that is in words.
    private func readPart(
        _ sources: [SecretSource],
        _ key: String,
        _ environment: [String: String]
    ) throws(TokenEndpointFailure) -> (Secret, place: String) {
        var errors: [SecretError] = []
        for source in sources {
            do throws(SecretError) {
                let secret = try source.resolve(environment: environment).secret
                // Of what is written in the configuration each client has its own.
                if case .inline = source { return (secret, "\(key) of clients.\(name)") }
                return (secret, "\(source)")
            } catch {
                errors.append(error)
            }
        }
        let error = errors.count == 1 ? errors[0] : SecretError.noneReadable(errors)
        throw TokenEndpointFailure(
            error.isPassing ? .transient : .configuration,
            .clientCertificateUnusable,
            words: error.description
        )
    }
}

extension SecretError {
    /// As a slot's machine hears of it: the client cannot be asked for until this changes.
    package var failure: TokenEndpointFailure {
        TokenEndpointFailure(isPassing ? .transient : .configuration, .secretUnreadable, words: description)
    }
}
