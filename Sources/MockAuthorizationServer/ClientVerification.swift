import Synchronization

/// Whether a client is who it says it is.
extension MockAuthorizationServer {
    /// The client that a request is from, proven.
    func verifiedClient(of arrival: Arrival) throws(OAuthError) -> RegisteredClient {
        let credentials = try arrival.credentials.get()
        guard case .registered(let registered) = configuration.clients else {
            if let assertion = credentials.assertion { try check(assertion, of: nil, for: credentials) }
            return RegisteredClient(id: credentials.clientID, grants: GrantType.all)
        }
        let client = try credentials.registration(among: registered)
        // The grant's own signature is looked at when it is granted.
        if credentials.isImplied { return client }
        var method = credentials.method
        if method == .tlsClientAuth, client.certificate == nil { method = .none }
        guard client.accepts(method) else {
            throw credentials.refusal("the client is not registered for \(method.rawValue)")
        }
        switch method {
        case .none: break
        case .clientSecretBasic, .clientSecretPost:
            guard credentials.hasSecret(of: client) else { throw credentials.refusal("wrong client secret") }
        case .clientSecretJWT, .privateKeyJWT:
            if let assertion = credentials.assertion { try check(assertion, of: client, for: credentials) }
        case .tlsClientAuth:
            guard let certificate = credentials.certificate, let registered = client.certificate else {
                throw credentials.refusal("there is no certificate")
            }
            if let objection = registered.objection(to: certificate) { throw credentials.refusal(objection) }
        }
        return client
    }

    private func check(
        _ assertion: SignedAssertion,
        of client: RegisteredClient?,
        for credentials: PresentedCredentials
    ) throws(OAuthError) {
        do throws(SignedAssertion.Refusal) {
            guard assertion.issuer == assertion.subject else {
                throw SignedAssertion.Refusal("assertion iss and sub must both be the client (RFC 7523 §3)")
            }
            try believe(assertion, of: client)
        } catch {
            throw credentials.refusal(error.description)
        }
    }

    /// Whom the assertion that is the grant speaks for (RFC 7523 §3); nobody's signature is known at a server that takes
    /// any client.
    func bearer(of text: String, by client: RegisteredClient) throws(OAuthError) -> SignedAssertion {
        do throws(SignedAssertion.Refusal) {
            guard let assertion = SignedAssertion(text) else { throw SignedAssertion.Refusal("assertion is no JWT") }
            guard assertion.issuer == client.id else {
                throw SignedAssertion.Refusal("assertion iss is not the client")
            }
            guard assertion.subject != nil else { throw SignedAssertion.Refusal("assertion has no sub") }
            if case .any = configuration.clients {
                try believe(assertion, of: nil)
            } else {
                try believe(assertion, of: client)
            }
            return assertion
        } catch {
            throw OAuthError("invalid_grant", error.description, objection: .assertionRefused)
        }
    }

    private func believe(_ assertion: SignedAssertion, of client: RegisteredClient?) throws(SignedAssertion.Refusal) {
        if let client { try assertion.checkSignature(keys: client.keys, secrets: client.secrets) }
        let now = self.now()
        let end = try assertion.checkClaims(audience: acceptedAudiences, now: now)
        // RFC 7523 §3, item 7: it may be missing, and Google's own tools leave it out.
        guard let identifier = assertion.identifier else { return }
        let isFirst = state.withLock { state in
            state.assertions.use(identifier, of: assertion.issuer ?? "", until: end, now: now)
        }
        guard isFirst else { throw SignedAssertion.Refusal("jti was used") }
    }

    private var acceptedAudiences: [String] {
        let endpoints = [paths.url(.token), paths.mutualTLSURL(.token)].compactMap(\.self)
        return switch configuration.assertionAudience {
        case .tokenEndpoint: endpoints
        case .issuer: [issuer]
        case .either: endpoints + [issuer]
        }
    }

    /// The registration of `id`; one made up for it at a server that takes any client.
    func registration(of id: String) -> RegisteredClient? {
        switch configuration.clients {
        case .any: RegisteredClient(id: id, grants: GrantType.all)
        case .registered(let registered): registered.first { $0.id == id }
        }
    }
}
