internal import Diagnosis
internal import OAuth2
internal import TokenEndpoint

/// What the token endpoint is asked: with what nobody ever got from it, or for the client's own authority.
extension ProbePerformer {
    private static let noEndpoint = ProbeOutcome.notAsked(
        "Where the token endpoint is, only the issuer's metadata could tell."
    )

    /// Asks with what the plan says, as somebody who may not be the client or with what nobody has.
    func fake(_ probe: Probe) async -> ProbeOutcome? {
        let isOwn = subject.presentation(of: probe) == .ownAuthority
        // Entra ID wants a scope before it looks at the rest; others may stumble over one before they do.
        let target = isOwn || subject.provider == .entra ? client.target : TokenTarget()
        let presented: AuthorizationGrant
        do throws(TokenEndpointFailure) {
            presented =
                isOwn ? try await exchanges.grant(of: client, for: target) : .refreshToken(madeUp.refreshToken)
        } catch {
            return .notAsked(error.serverWords ?? error.error)
        }
        switch probe {
        case .fakeCode:
            let grant = AuthorizationGrant.authorizationCode(
                madeUp.code,
                redirectURI: redirectURI,
                codeVerifier: madeUp.codeVerifier
            )
            return await asConfigured(for: target) { grant }
        case .variant(let variant):
            return await inVariant(variant, presented, for: target)
        case .madeUpSecret:
            return await withMadeUpSecret(of: client, presented, for: target)
        case .madeUpClient:
            var other = client
            other.clientID = madeUp.clientID
            // No secret goes to a server under a name that is not the client's.
            return client.authentication.means == .secret && client.authentication != .clientSecretJWT
                ? await withMadeUpSecret(of: other, presented, for: target)
                : await asConfigured(other, for: target) { presented }
        default:
            return await asConfigured(for: target) { presented }
        }
    }

    /// Asks for a token as the client does; what comes is looked at, and gone.
    func token(for target: TokenTarget) async -> ProbeOutcome? {
        guard client.grant.isClientsOwn else { return .notAsked("A person's grant is not presented to find out.") }
        guard subject.mayCost || !subject.isBilled else {
            return .notAsked("The provider bills each token; --spend lets it be asked for.")
        }
        return await asConfigured(for: target) { () async throws(TokenEndpointFailure) in
            try await exchanges.grant(of: client, for: target)
        }
    }

    /// Any port would do where a program listens, and none does now.
    private var redirectURI: String {
        let written = client.redirectURI ?? "http://127.0.0.1/callback"
        return (try? RedirectURI(written))?.text(listeningOn: 8_080) ?? written
    }

    // MARK: How the client proves itself

    /// With each of the client's secrets until one is accepted, as its token requests do; which was is not remembered.
    private func asConfigured(
        _ asked: ClientConfiguration? = nil,
        for target: TokenTarget,
        _ grant: () async throws(TokenEndpointFailure) -> AuthorizationGrant
    ) async -> ProbeOutcome? {
        guard let url = servers.tokenEndpoint else { return Self.noEndpoint }
        let client = asked ?? client
        var trial: SecretTrial?
        while true {
            let credentials: ClientCredentials
            let presented: AuthorizationGrant
            do throws(TokenEndpointFailure) {
                credentials = try await exchanges.credentials(of: client, at: url, in: trial)
                presented = try await grant()
            } catch {
                return .notAsked(error.serverWords ?? error.error)
            }
            let outcome = await send(presented, to: url, of: client, with: credentials, for: target)
            guard case .answer(.failure(let failure), let roundTrip)? = outcome else { return outcome }
            guard !Task.isCancelled, let next = credentials.trial.next(after: failure, presenting: presented.kind)
            else {
                return .answer(
                    .failure(credentials.trial.told(failure, presenting: presented.kind)),
                    roundTrip: roundTrip
                )
            }
            trial = next
        }
    }

    private func inVariant(
        _ variant: AuthenticationVariant,
        _ grant: AuthorizationGrant,
        for target: TokenTarget
    ) async -> ProbeOutcome? {
        guard let url = servers.tokenEndpoint else { return Self.noEndpoint }
        var authentication = ClientAuthentication.none
        if let place = variant.secret, client.secrets.indices.contains(place) {
            let secret: Secret
            do throws(SecretError) {
                secret = try client.secrets[place].resolve(environment: exchanges.environment).secret
            } catch {
                return .notAsked(error.description)
            }
            authentication =
                switch variant.form {
                case .basicForm: .clientSecretBasic(secret, .form)
                case .basicRaw: .clientSecretBasic(secret, .raw)
                case .body: .clientSecretPost(secret)
                case .none: .none
                }
        }
        return await send(grant, to: url, of: client, with: ClientCredentials(authentication), for: target)
    }

    private func withMadeUpSecret(
        of client: ClientConfiguration,
        _ grant: AuthorizationGrant,
        for target: TokenTarget
    ) async -> ProbeOutcome? {
        guard let url = servers.tokenEndpoint else { return Self.noEndpoint }
        let own: Secret
        do throws(SecretError) {
            own = try client.readSecrets(at: Array(client.secrets.indices), environment: exchanges.environment)[0]
                .secret
        } catch {
            return .notAsked(error.description)
        }
        let secret = madeUp.secret(like: own)
        let authentication: ClientAuthentication =
            client.authentication == .clientSecretPost
            ? .clientSecretPost(secret) : .clientSecretBasic(secret, client.basicEncoding)
        return await send(grant, to: url, of: client, with: ClientCredentials(authentication), for: target)
    }

    /// The client's own, as far as they can be read: a server may repeat one that it was not sent.
    var secrets: [Secret] {
        let places = Array(client.secrets.indices)
        return (try? client.readSecrets(at: places, environment: exchanges.environment))?.map(\.secret) ?? []
    }

    private func send(
        _ grant: AuthorizationGrant,
        to url: EndpointURL,
        of client: ClientConfiguration,
        with credentials: ClientCredentials,
        for target: TokenTarget
    ) async -> ProbeOutcome? {
        let request = client.tokenRequest(grant, as: credentials.authentication, for: target)
        return await inPlace(at: url) {
            let sent = exchanges.time.now().sinceBoot
            let exchange = await exchanges.send(request, to: url, for: client, with: credentials)
            let roundTrip = exchanges.time.now().sinceBoot - sent
            switch exchange.result {
            case .success(let response):
                return .answer(
                    .success(GrantSummary(response, isClientsOwn: client.grant.isClientsOwn)),
                    roundTrip: roundTrip
                )
            case .failure(let failure):
                return .answer(.failure(failure.hiding(madeUp.clientID, secrets)), roundTrip: roundTrip)
            }
        }
    }
}

extension ClientCredentials {
    /// For one request alone, whatever comes of it.
    fileprivate init(_ authentication: ClientAuthentication) {
        self.init(authentication: authentication, certificate: nil, trial: SecretTrial())
    }
}

extension GrantSummary {
    init(_ response: TokenResponse, isClientsOwn: Bool) {
        self.init(
            lifetime: response.expiresIn,
            scope: response.scope?.wireValue,
            claims: TokenClaims.summary(of: response.accessToken, isClientsOwn: isClientsOwn)
        )
    }
}

extension TokenEndpointFailure {
    /// The same without the client's secrets, which the request did not present where it made one up, and where what was
    /// made up is not taken for the operator's.
    func hiding(_ clientID: String, _ secrets: [Secret]) -> TokenEndpointFailure {
        var failure = self
        for secret in secrets.map({ $0.exposed() }) where !secret.isEmpty {
            failure.error = failure.error.replacing(secret, with: "[masked]")
            failure.serverWords = failure.serverWords?.replacing(secret, with: "[masked]")
            failure.requestID = failure.requestID?.replacing(secret, with: "[masked]")
        }
        failure.serverWords = failure.serverWords?.replacing(clientID, with: "(made up)")
        return failure
    }
}
