import AsyncHTTPClient
import NIOCore
import NIOHTTP1
package import OAuth2

/// The wire to authorization servers: one request in, one answer or the reason why there is none out.
///
/// A request is never sent twice: what fails after it may have reached the server is reported as that, and the caller
/// decides.
package final class TokenEndpointClient: Sendable {
    /// A pooled connection may be found closed before anything is sent on it; more often than so it is not chance.
    private static let maximumUnsentAttempts = 3

    /// What the server sees us as.
    private let userAgent: String
    private let clock: @Sendable () -> Moment
    private let clients = HTTPClients()
    private let metadataCache = MetadataCache()

    /// - Parameters:
    ///   - version: Ours, as the server may log it.
    ///   - clock: Both clocks, for ages of cached metadata and for dates in answers.
    package init(version: String, clock: @escaping @Sendable () -> Moment) {
        userAgent = "tokenbroker/\(version)"
        self.clock = clock
    }

    /// Posts `request` to `endpoint` and reads the answer as `provider` writes it, all within `timeout`.
    package func send(
        _ request: EncodedTokenRequest,
        to endpoint: EndpointURL,
        grant: Grant,
        provider: Provider,
        trust: ServerTrust,
        timeout: Duration
    ) async -> TokenExchange {
        let sent = clock().sinceEpoch
        var headers = HTTPHeaders(request.headers.map { ($0.name, $0.value.exposed()) })
        headers.replaceOrAdd(name: "User-Agent", value: userAgent)
        do throws(TokenEndpointFailure) {
            let answer = try await exchange(
                .POST,
                endpoint,
                headers: headers,
                body: request.body,
                grant: grant,
                trust: trust,
                timeout: timeout
            )
            return TokenExchange(
                result: TokenAnswer.read(answer, grant: grant, provider: provider, presented: request.presented),
                clockSkew: answer.clockSkew(sent: sent)
            )
        } catch {
            return TokenExchange(result: .failure(error))
        }
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
        timeout: Duration
    ) async throws(TokenEndpointFailure) -> HTTPAnswer {
        let headers = HTTPHeaders([("Accept", "application/json"), ("User-Agent", userAgent)])
        return try await exchange(.GET, url, headers: headers, body: nil, grant: nil, trust: trust, timeout: timeout)
    }

    private func exchange(
        _ method: HTTPMethod,
        _ url: EndpointURL,
        headers: HTTPHeaders,
        body: Secret?,
        grant: Grant?,
        trust: ServerTrust,
        timeout: Duration
    ) async throws(TokenEndpointFailure) -> HTTPAnswer {
        var trust = trust
        if let proxy = trust.proxy, !proxy.applies(to: url) { trust.proxy = nil }
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        let lease = try await clients.lease(trust)
        let result = await attempts(lease.client, deadline: deadline, peer: Peer(url, through: trust.proxy)) {
            try HTTPClient.Request(
                url: url.text,
                method: method,
                headers: headers,
                body: body.map { .bytes($0.exposedBytes()) }
            )
        }
        await clients.giveBack(lease)
        switch result {
        case .success(let collected):
            return HTTPAnswer(
                status: collected.status,
                headers: collected.headers,
                body: collected.body,
                now: clock().sinceEpoch
            )
        case .failure(let error):
            throw TokenEndpointFailure(transport: error.failure, words: error.words, grant: grant)
        }
    }

    private func attempts(
        _ client: HTTPClient,
        deadline: NIODeadline,
        peer: Peer,
        request: () throws -> HTTPClient.Request
    ) async -> Result<AnswerCollector.Collected, TransportError> {
        var attempt = 1
        while true {
            let collector = AnswerCollector()
            do {
                // Without a logger: at its finest level the library logs what it receives.
                let task = client.execute(request: try request(), delegate: collector, deadline: deadline)
                return .success(
                    try await withTaskCancellationHandler {
                        try await task.futureResult.get()
                    } onCancel: {
                        task.cancel()
                    }
                )
            } catch {
                let failure = TransportError(error, isSent: collector.isSent, peer: peer)
                let mayRepeat = failure.failure == .resetBeforeSending && !Task.isCancelled
                guard mayRepeat, attempt < TokenEndpointClient.maximumUnsentAttempts else { return .failure(failure) }
                attempt += 1
            }
        }
    }
}

extension TimeAmount {
    /// A year at most, which no deadline reaches and no sum overflows.
    fileprivate init(_ duration: Duration) {
        let bounded = min(max(duration, .zero), .seconds(365 * 86_400))
        self = .nanoseconds(bounded.components.seconds * 1_000_000_000 + bounded.components.attoseconds / 1_000_000_000)
    }
}
