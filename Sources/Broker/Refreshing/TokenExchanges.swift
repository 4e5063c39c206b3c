package import Logging
internal import OAuth2
internal import Synchronization
package import TokenEndpoint
internal import TokenLifecycle

/// Speaks with authorization servers for clients: where the endpoint is, what it answers, and what of that is counted.
package final class TokenExchanges: Sendable {
    let endpoint: TokenEndpointClient
    private let budgets: ServerBudgets
    private let metrics: BrokerMetrics
    let time: TimeSource
    let environment: [String: String]
    let choices: SecretChoices
    private let jitter: @Sendable () -> Double
    let logger: Logger

    /// Who asked an issuer, which may name other endpoints to clients with a certificate (RFC 8705 §5).
    private struct Inquiry: Hashable {
        let issuer: EndpointURL
        let hasCertificate: Bool
    }

    /// Where the token endpoints are that issuers named: their budget is the one that counts.
    private let discovered = Mutex<[Inquiry: String]>([:])

    package init(
        endpoint: TokenEndpointClient,
        budgets: ServerBudgets,
        metrics: BrokerMetrics,
        time: TimeSource,
        environment: [String: String],
        choices: SecretChoices,
        jitter: @escaping @Sendable () -> Double,
        logger: Logger
    ) {
        self.endpoint = endpoint
        self.budgets = budgets
        self.metrics = metrics
        self.time = time
        self.environment = environment
        self.choices = choices
        self.jitter = jitter
        self.logger = logger
    }

    /// The server whose budget the client's requests count against: the token endpoint's, once that is known.
    func origin(of client: ClientConfiguration) -> String {
        guard case .issuer(let issuer) = client.endpoint else { return client.endpoint.url.origin }
        let inquiry = Inquiry(issuer: issuer, hasCertificate: client.hasCertificate)
        return discovered.withLock { $0[inquiry] } ?? issuer.origin
    }

    /// Where the client's endpoint of that kind is: as it is configured, else as the server's metadata have it; nil when
    /// neither names it.
    func endpoint(
        _ kind: EndpointKind,
        of client: ClientConfiguration
    ) async throws(TokenEndpointFailure) -> EndpointURL? {
        if let url = client.endpoints[kind] { return url }
        guard case .issuer(let issuer) = client.endpoint else { return nil }
        return try await metadata(issuer, client).endpoint(kind, hasCertificate: client.hasCertificate)
    }

    /// Whose answers a login's must be, and whether they say so (RFC 9207); nil when only the endpoints are known.
    func issuer(of client: ClientConfiguration) async throws(TokenEndpointFailure) -> (name: String, isStated: Bool)? {
        guard case .issuer(let issuer) = client.endpoint else { return nil }
        let metadata = try await metadata(issuer, client)
        return (metadata.issuer, metadata.isIssuerInAuthorizationResponse)
    }

    /// Asks `url` for the codes of a login on another device (RFC 8628 §3.1).
    func authorizeDevice(
        of client: ClientConfiguration,
        at url: EndpointURL
    ) async throws(TokenEndpointFailure) -> DeviceAuthorization {
        try await proving(client, to: url) { credentials throws(TokenEndpointFailure) in
            try await endpoint.authorizeDevice(
                DeviceAuthorizationRequest(
                    clientID: client.clientID,
                    authentication: credentials.authentication,
                    target: client.target,
                    parameters: client.parameters
                ),
                at: recipient(url, client, credentials)
            )
        }
    }

    /// Where the client's token requests go, discovered if need be.
    func tokenEndpoint(of client: ClientConfiguration) async throws(TokenEndpointFailure) -> EndpointURL {
        switch client.endpoint {
        case .tokenEndpoint(let url):
            return url
        case .issuer(let issuer):
            let metadata = try await metadata(issuer, client)
            let url = metadata.endpoint(.token, hasCertificate: client.hasCertificate) ?? metadata.tokenEndpoint
            let inquiry = Inquiry(issuer: issuer, hasCertificate: client.hasCertificate)
            discovered.withLock { $0[inquiry] = url.origin }
            return url
        }
    }

    private func metadata(
        _ issuer: EndpointURL,
        _ client: ClientConfiguration
    ) async throws(TokenEndpointFailure) -> AuthorizationServerMetadata {
        try await endpoint.metadata(issuer: issuer, trust: client.trust, timeout: client.requestTimeout)
    }

    /// Sends `request` once, with the certificate of the client's `credentials`, on a pooled connection, or one of its
    /// own for what the server may take only once.
    func send(
        _ request: TokenRequest,
        to url: EndpointURL,
        for client: ClientConfiguration,
        with credentials: ClientCredentials,
        connection: ConnectionUse = .pooled,
        onSending: @escaping @Sendable () -> Void = {}
    ) async -> TokenExchange {
        let exchange = await endpoint.send(
            request.encoded(),
            to: url,
            grant: request.grant.kind,
            provider: client.spokenProvider(at: url),
            trust: client.trust,
            certificate: credentials.certificate,
            timeout: client.requestTimeout,
            connection: connection,
            onSending: onSending
        )
        if let skew = exchange.clockSkew, budgets.note(clockSkew: skew, of: url.origin) {
            logger.write(.clocksDiffer, ["server": "\(url.origin)", "seconds_ahead": "\(skew.components.seconds)"])
        }
        guard case .failure(var failure) = exchange.result else { return exchange }
        failure.clockSkew = exchange.clockSkew
        failure.assertion = PresentedAssertion(request, of: client, clockSkew: exchange.clockSkew)
        return TokenExchange(
            result: .failure(failure),
            clockSkew: exchange.clockSkew,
            successor: exchange.successor
        )
    }

    /// Gives `token` up at the client's revocation endpoint (RFC 7009); false when it has none.
    func revoke(
        _ token: Secret,
        _ hint: TokenTypeHint = .refreshToken,
        of client: ClientConfiguration
    ) async throws(RevocationFailure) -> Bool {
        do throws(TokenEndpointFailure) {
            guard let url = try await endpoint(.revocation, of: client) else { return false }
            try await proving(client, to: url) { credentials throws(TokenEndpointFailure) in
                try await endpoint.revoke(
                    RevocationRequest(
                        token: token,
                        hint: hint,
                        clientID: client.clientID,
                        authentication: credentials.authentication
                    ),
                    at: recipient(url, client, credentials)
                )
            }
            return true
        } catch {
            throw RevocationFailure(reason: error)
        }
    }

    /// What the introspection endpoint at `url` says of a token of the client's (RFC 7662), within `timeout`.
    func introspect(
        _ token: Secret,
        hint: TokenTypeHint,
        of client: ClientConfiguration,
        at url: EndpointURL,
        timeout: Duration
    ) async throws(TokenEndpointFailure) -> Introspection {
        try await proving(client, to: url) { credentials throws(TokenEndpointFailure) in
            var recipient = recipient(url, client, credentials)
            recipient.timeout = min(timeout, client.requestTimeout)
            return try await endpoint.introspect(
                IntrospectionRequest(
                    token: token,
                    hint: hint,
                    clientID: client.clientID,
                    authentication: credentials.authentication
                ),
                at: recipient
            )
        }
    }

    private func recipient(
        _ url: EndpointURL,
        _ client: ClientConfiguration,
        _ credentials: ClientCredentials
    ) -> Recipient {
        Recipient(
            url: url,
            trust: client.trust,
            certificate: credentials.certificate,
            timeout: client.requestTimeout,
            provider: client.spokenProvider(at: url)
        )
    }

    // MARK: What came of it

    /// The token of `response` as it is kept, its refresh planned.
    func kept(_ response: TokenResponse, for slot: TokenSlot, sent: Moment) -> KeptToken {
        let policy = slot.configuration.policy
        let lifetime = policy.lifetime(stated: response.expiresIn)
        let token = AccessToken(
            value: response.accessToken,
            tokenType: response.tokenType,
            scope: response.scope ?? slot.id.target.scope,
            lifetime: lifetime,
            receipt: Receipt(moment: sent, boot: time.boot)
        )
        let age = RefreshPlan.refreshAge(lifetime: lifetime, refreshAt: policy.refreshAt, jitter: jitter())
        return KeptToken(
            token: token,
            refreshAge: age,
            isLifetimeStated: policy.isLifetime(response.expiresIn)
        )
    }

    /// Counts a token request that was sent at `start` by its outcome.
    func count(_ failure: TokenEndpointFailure?, of slot: TokenSlot, since start: Moment) {
        let duration = time.now().sinceBoot - start.sinceBoot
        metrics.tokenRequest(client: slot.id.client, failure: failure, duration: duration)
    }

    func log(_ kept: KeptToken, of slot: TokenSlot) {
        let lifetime = kept.token.lifetime.map { "\($0.components.seconds) s" } ?? "unlimited"
        logger.write(.gotToken, ["client": "\(slot.id.client)", "lifetime": "\(lifetime)"])
    }

    func log(_ failure: TokenEndpointFailure, of slot: TokenSlot) {
        var metadata: Logger.Metadata = [
            "client": "\(slot.id.client)", "class": "\(failure.failureClass.rawValue)", "error": "\(failure.error)",
        ]
        if let status = failure.serverStatus { metadata["server_status"] = "\(status)" }
        if let words = failure.serverWords { metadata["server_words"] = "\(words)" }
        if let request = failure.requestID { metadata["request_id"] = "\(request)" }
        logger.write(.tokenRequestFailed, metadata)
    }
}

/// A token that the server was asked to revoke, and did not.
struct RevocationFailure: Error {
    let reason: TokenEndpointFailure
}
