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
        TokenSource(clientID: tokenOwner, endpoint: endpoint.url.text, parameters: parameters)
    }

    /// The client's identifier and, where the operator says for whom an assertion asks, also that.
    package var tokenOwner: String {
        guard grant == .jwtBearer else { return clientID }
        return [clientID, assertion.issuer ?? "", assertion.subject ?? ""].joined(separator: "\n")
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
        var target = target
        // It is said within the assertion.
        if case .jwtBearer = grant, provider.profile.assertionNamesScope {
            target = TokenTarget(audience: target.audience, resource: target.resource)
        }
        return TokenRequest(
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

    /// Reads all that the client needs to prove itself, to find out whether it is there and of use.
    package func checkCredentials(environment: [String: String]) throws(TokenEndpointFailure) {
        do throws(CredentialError) {
            if signsWithKey { _ = try readSigningKey(environment: environment) }
            if authentication.means == .secret { try checkSecret(environment: environment) }
        } catch {
            throw error.failure
        }
        _ = try readCertificate(environment: environment)?.expiry()
    }

    private func checkSecret(environment: [String: String]) throws(CredentialError) {
        let readable: [ReadableSecret]
        do throws(SecretError) {
            readable = try readSecrets(at: Array(secrets.indices), environment: environment)
        } catch {
            throw CredentialError(fault: .secretUnreadable, reason: error)
        }
        guard authentication == .clientSecretJWT else { return }
        for secret in readable { _ = try secretSigner(with: secret) }
    }

    /// Reads the certificate and its key anew, so that replaced files count at the next attempt; nil for a client that
    /// proves itself otherwise.
    package func readCertificate(environment: [String: String]) throws(TokenEndpointFailure) -> ClientCertificate? {
        guard hasCertificate else { return nil }
        do throws(SecretError) {
            let (chain, chainSource) = try certificate.readFirst(.document, environment)
            let (key, keySource) = try assertion.privateKey.readFirst(.document, environment)
            return ClientCertificate(
                chain: chain,
                from: place(of: chainSource, "certificate"),
                key: key,
                from: place(of: keySource, "private_key")
            )
        } catch {
            throw CredentialError(fault: .clientCertificateUnusable, reason: error).failure
        }
    }

    /// Of what is written in the configuration each client has its own.
    private func place(of source: SecretSource, _ key: String) -> String {
        if case .inline = source { "\(key) of clients.\(name)" } else { "\(source)" }
    }
}

extension SecretError {
    /// As a slot's machine hears of it: the client cannot be asked for until this changes.
    package var failure: TokenEndpointFailure {
        TokenEndpointFailure(isPassing ? .transient : .configuration, .secretUnreadable, words: description)
    }
}
