import AsyncHTTPClient
import NIOCore
import NIOHTTP1
package import OAuth2

/// The wire to authorization servers: one request in, one answer or the reason why there is none out.
///
/// A request is never sent twice: what fails after it may have reached the server is reported as that, and the caller
/// decides. The library below repeats nothing by itself: it is told not to try connections again, and fails a request
/// whose connection ends.
package final class TokenEndpointClient: Sendable {
    /// A pooled connection may be found closed before anything is sent on it; more often than so it is not chance.
    private static let maximumUnsentAttempts = 3

    /// What the server sees us as.
    private let userAgent: String
    let clock: @Sendable () -> Moment
    let clients = HTTPClients()
    private let metadataCache = MetadataCache()

    /// - Parameters:
    ///   - version: Ours, as the server may log it.
    ///   - clock: Both clocks, for ages of cached metadata and for dates in answers.
    package init(version: String, clock: @escaping @Sendable () -> Moment) {
        userAgent = "tokenbroker/\(version)"
        self.clock = clock
    }

    /// Posts `request` to `endpoint` and reads the answer as `provider` writes it, all within `timeout`.
    ///
    /// - Parameters:
    ///   - certificate: What the client shows of itself in the handshake; nil for one that proves itself otherwise.
    ///   - connection: `.fresh` for what may be presented only once; it is then sent to its end whatever becomes of the
    ///     calling task, which waits for it.
    ///   - onSending: Called when the kernel has the body, before any answer; on a thread that must not be held up.
    package func send(
        _ request: EncodedTokenRequest,
        to endpoint: EndpointURL,
        grant: Grant,
        provider: Provider,
        trust: ServerTrust,
        certificate: ClientCertificate? = nil,
        timeout: Duration,
        connection: ConnectionUse = .pooled,
        onSending: @escaping @Sendable () -> Void = {}
    ) async -> TokenExchange {
        let sent = clock().sinceEpoch
        var outgoing = post(request, to: endpoint)
        if connection == .fresh { (outgoing.connection, outgoing.isUninterrupted) = (.fresh, true) }
        outgoing.onSending = onSending
        do throws(TokenEndpointFailure) {
            var answer = try await exchange(
                outgoing,
                grant: grant,
                trust: trust,
                certificate: certificate,
                timeout: timeout
            )
            defer { answer.body.wipe() }
            let result = TokenAnswer.read(answer, grant: grant, provider: provider, presented: request.presented)
            let isWorthless = grant == .refreshToken && (try? result.get()) == nil
            return TokenExchange(
                result: result,
                clockSkew: answer.clockSkew(sent: sent),
                successor: isWorthless ? TokenAnswer.successor(in: answer, provider: provider) : nil
            )
        } catch {
            return TokenExchange(result: .failure(error))
        }
    }

    /// Gives the token of `request` up (RFC 7009); one that the server does not know is given up too.
    package func revoke(
        _ request: RevocationRequest,
        at recipient: Recipient
    ) async throws(TokenEndpointFailure) {
        try await ask(request.encoded(), at: recipient, RevocationAnswer.read)
    }

    /// Asks for the codes of a login on another device (RFC 8628 §3.1).
    package func authorizeDevice(
        _ request: DeviceAuthorizationRequest,
        at recipient: Recipient
    ) async throws(TokenEndpointFailure) -> DeviceAuthorization {
        try await ask(request.encoded(), at: recipient, DeviceAuthorization.read)
    }

    /// What the server says of the token of `request` (RFC 7662).
    package func introspect(
        _ request: IntrospectionRequest,
        at recipient: Recipient
    ) async throws(TokenEndpointFailure) -> Introspection {
        try await ask(request.encoded(), at: recipient, Introspection.read)
    }

    private func ask<Reading>(
        _ request: EncodedTokenRequest,
        at recipient: Recipient,
        _ read: (HTTPAnswer, Provider, [Secret]) throws(TokenEndpointFailure) -> Reading
    ) async throws(TokenEndpointFailure) -> Reading {
        var answer = try await exchange(
            post(request, to: recipient.url),
            grant: nil,
            trust: recipient.trust,
            certificate: recipient.certificate,
            timeout: recipient.timeout
        )
        defer { answer.body.wipe() }
        return try read(answer, recipient.provider, request.presented)
    }

    /// What `issuer` says about itself (RFC 8414, then OpenID Connect Discovery); cached for an hour.
    package func metadata(
        issuer: EndpointURL,
        trust: ServerTrust,
        timeout: Duration
    ) async throws(TokenEndpointFailure) -> AuthorizationServerMetadata {
        let key = MetadataCache.Key(issuer: issuer, trust: trust)
        return try await metadataCache.metadata(key, now: clock().sinceBoot) { [self] in
            do throws(TokenEndpointFailure) {
                return .success(try await discover(issuer, trust: trust, timeout: timeout))
            } catch {
                return .failure(error)
            }
        }.get()
    }

    /// Ends every connection, requests under way included; the last call.
    package func shutdown() async {
        await clients.shutdown()
    }

    /// Gets the document at `url`.
    func get(
        _ url: EndpointURL,
        trust: ServerTrust,
        certificate: ClientCertificate? = nil,
        timeout: Duration
    ) async throws(TokenEndpointFailure) -> HTTPAnswer {
        let headers = HTTPHeaders([("Accept", "application/json"), ("User-Agent", userAgent)])
        let request = OutgoingRequest(method: .GET, url: url, headers: headers)
        return try await exchange(request, grant: nil, trust: trust, certificate: certificate, timeout: timeout)
    }

    private func post(_ request: EncodedTokenRequest, to url: EndpointURL) -> OutgoingRequest {
        var headers = HTTPHeaders(request.headers.map { ($0.name, $0.value.exposed()) })
        headers.replaceOrAdd(name: "User-Agent", value: userAgent)
        // What could have been read on a connection that ended is not to be sent again under the same identifier.
        let connection = request.carriesAssertion ? ConnectionUse.fresh : .pooled
        return OutgoingRequest(method: .POST, url: url, headers: headers, body: request.body, connection: connection)
    }

    private func exchange(
        _ request: OutgoingRequest,
        grant: Grant?,
        trust: ServerTrust,
        certificate: ClientCertificate?,
        timeout: Duration
    ) async throws(TokenEndpointFailure) -> HTTPAnswer {
        var trust = trust
        if let proxy = trust.proxy, !proxy.applies(to: request.url) { trust.proxy = nil }
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        let peer = Peer(request.url, through: trust.proxy)
        let lease = try await clients.lease(trust, certificate, request.connection)
        // In a task of its own the caller's cancellation does not reach it.
        let result =
            request.isUninterrupted
            ? await Task { await attempts(request, lease.client, deadline: deadline, peer: peer) }.value
            : await attempts(request, lease.client, deadline: deadline, peer: peer)
        await clients.giveBack(lease)
        switch result {
        case .success(let collected):
            return HTTPAnswer(
                status: collected.status,
                headers: collected.headers,
                body: collected.body.exposedBytes(),
                now: clock().sinceEpoch
            )
        case .failure(let error):
            var words = error.words
            if error.failure == .clientCertificateRefused, let end = certificate?.expiryWords(at: clock().sinceEpoch) {
                words += "; \(end)"
            }
            throw TokenEndpointFailure(transport: error.failure, words: words, grant: grant)
        }
    }

    private func attempts(
        _ request: OutgoingRequest,
        _ client: HTTPClient,
        deadline: NIODeadline,
        peer: Peer
    ) async -> Result<AnswerCollector.Collected, TransportError> {
        var attempt = 1
        while true {
            let collector = AnswerCollector(onSending: request.onSending)
            do {
                // Without a logger: at its finest level the library logs what it receives.
                let task = client.execute(
                    request: try request.request(telling: collector),
                    delegate: collector,
                    deadline: deadline
                )
                return .success(
                    try await withTaskCancellationHandler {
                        try await task.futureResult.get()
                    } onCancel: {
                        task.cancel()
                    }
                )
            } catch {
                // On a pooled connection that the server had closed, the body was often on its way and not written.
                let isSent = request.connection == .fresh ? collector.mayBeSent : collector.isWritten
                let failure = TransportError(error, isSent: isSent, peer: peer)
                let mayRepeat = failure.failure == .resetBeforeSending && !Task.isCancelled
                guard mayRepeat, attempt < TokenEndpointClient.maximumUnsentAttempts else { return .failure(failure) }
                attempt += 1
            }
        }
    }
}

extension TimeAmount {
    /// A year at most, which no deadline reaches and no sum overflows.
    init(_ duration: Duration) {
        let bounded = min(max(duration, .zero), .seconds(365 * 86_400))
        self = .nanoseconds(bounded.components.seconds * 1_000_000_000 + bounded.components.attoseconds / 1_000_000_000)
    }
}
