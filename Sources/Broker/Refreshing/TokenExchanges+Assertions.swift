internal import OAuth2
internal import TokenEndpoint
internal import TokenLifecycle

extension TokenExchanges {
    /// How the client proves itself to `url`; an assertion is good for one request.
    ///
    /// - Parameter secret: The one of its secrets that is used now; nil for a client that uses none.
    func authentication(
        of client: ClientConfiguration,
        at url: EndpointURL,
        with secret: ReadableSecret?
    ) async throws(TokenEndpointFailure) -> ClientAuthentication {
        let signer: AssertionSigner
        do throws(CredentialError) {
            switch (client.authentication, secret) {
            case (.tlsClientAuth, _), (.selfSignedTLSClientAuth, _): return .certificate
            case (.clientSecretBasic, let secret?): return .clientSecretBasic(secret.secret, client.basicEncoding)
            case (.clientSecretPost, let secret?): return .clientSecretPost(secret.secret)
            case (.clientSecretJWT, let secret?): signer = try client.secretSigner(with: secret)
            case (.privateKeyJWT, _): signer = try client.readSigningKey(environment: environment).signer
            case (.none, _), (_, nil): return .none
            }
        } catch {
            throw error.failure
        }
        return .assertion(try await clientAssertion(of: client, by: signer, for: url))
    }

    /// What a request of the client for `target` presents where that is nothing that is kept.
    func grant(
        of client: ClientConfiguration,
        for target: TokenTarget
    ) async throws(TokenEndpointFailure) -> AuthorizationGrant {
        guard client.grant == .jwtBearer else { return .clientCredentials }
        let key: ReadSigningKey
        do throws(CredentialError) {
            key = try client.readSigningKey(environment: environment)
        } catch {
            throw error.failure
        }
        let profile = client.provider.profile
        let url = try await tokenEndpoint(of: client)
        let assertion = ClientAssertion(
            issuer: key.issuer,
            subject: client.assertion.subject ?? (profile.assertionNamesScope ? nil : key.issuer),
            audience: client.assertion.audience ?? profile.grantAudience.text(for: url, tokenEndpoint: url),
            issuedAt: time.now().sinceEpoch,
            identifier: newIdentifier(),
            scope: profile.assertionNamesScope && !target.scope.isEmpty ? target.scope.wireValue : nil
        )
        return .jwtBearer(assertion: try await sign(assertion, by: key.signer))
    }

    private func clientAssertion(
        of client: ClientConfiguration,
        by signer: AssertionSigner,
        for url: EndpointURL
    ) async throws(TokenEndpointFailure) -> Secret {
        let tokenEndpoint = try await tokenEndpoint(of: client)
        let assertion = ClientAssertion(
            issuer: client.clientID,
            subject: client.clientID,
            audience: client.assertion.audience
                ?? client.provider.profile.clientAudience.text(for: url, tokenEndpoint: tokenEndpoint),
            issuedAt: time.now().sinceEpoch,
            identifier: newIdentifier()
        )
        return try await sign(assertion, by: signer)
    }

    private func sign(
        _ assertion: ClientAssertion,
        by signer: AssertionSigner
    ) async throws(TokenEndpointFailure) -> Secret {
        do throws(SigningKeyError) {
            return try await signer.sign(assertion)
        } catch {
            throw TokenEndpointFailure(.configuration, .privateKeyUnusable, words: "the key \(error)")
        }
    }

    /// 128 random bits: never the same twice, so that every attempt is one of its own.
    private func newIdentifier() -> String {
        var generator = SystemRandomNumberGenerator()
        let halves = [generator.next(), generator.next()] as [UInt64]
        return halves.map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }
        .joined()
    }
}

extension PresentedAssertion {
    /// What went with `request`; nil when that was no assertion.
    init?(_ request: TokenRequest, of client: ClientConfiguration, clockSkew: Duration?) {
        var purposes: Set<Purpose> = []
        if case .assertion = request.authentication {
            purposes.insert(.client(signedWithSecret: client.authentication == .clientSecretJWT))
        }
        if case .jwtBearer = request.grant { purposes.insert(.grant) }
        guard !purposes.isEmpty else { return nil }
        self.init(purposes: purposes, clockSkew: clockSkew)
    }
}
