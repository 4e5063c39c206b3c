/// What a failed token request means for what to do next; closed, so that every answer has a place.
package enum FailureClass: String, Sendable, Hashable, CaseIterable {
    /// The server or the way to it is failing: ask again, with backoff.
    case transient

    /// Sent, and whether the server acted on it is not known.
    case unknown

    /// The server refuses the client as it is configured: a person must change something.
    case configuration

    /// The grant is gone: a person must log in again.
    case loginRequired = "login_required"

    /// A 2xx that is no token response: bounded retry, no grant is dropped for it.
    case `protocol`

    /// What answers there is no token endpoint: 404, 405, a redirect, HTML.
    case endpointMisconfigured = "endpoint_misconfigured"

    /// The device grant's user has not decided yet (RFC 8628 §3.5).
    case authorizationPending = "authorization_pending"

    /// As pending, and the interval grows by 5 s for good (RFC 8628 §3.5).
    case slowDown = "slow_down"

    /// The device code is over: start again (RFC 8628 §3.5).
    case expiredDeviceCode = "expired_token"

    /// A person must change something, and to ask again before makes it worse or may spend what was presented.
    case halted

    /// A 400 without a reason to a request that presented a grant: the grant may be gone, or the client refused. A
    /// probe with a grant that nobody has tells which.
    case unexplainedRefusal = "unexplained_refusal"

    /// Ask once more with the nonce that the answer carries (RFC 9449 §8).
    case dpopNonceRequired = "use_dpop_nonce"

    /// What the class comes to when `grant` was presented: no person and no device stands behind the client's own
    /// authority, so that nobody can log in or decide.
    func asked(by grant: Grant) -> FailureClass {
        switch (self, grant) {
        case (.loginRequired, .clientCredentials), (.loginRequired, .jwtBearer): .configuration
        case (.authorizationPending, .deviceCode), (.expiredDeviceCode, .deviceCode), (.slowDown, .deviceCode): self
        case (.authorizationPending, _), (.expiredDeviceCode, _): .configuration
        case (.slowDown, _): .transient
        default: self
        }
    }
}

/// How far a request got before it failed without an answer.
package enum TransportFailure: String, Sendable, Hashable, CaseIterable {
    case nameNotFound = "name_not_found"
    case connectionRefused = "connection_refused"
    case connectTimeout = "connect_timeout"
    case certificateRefused = "certificate_refused"
    /// The server refuses the client's certificate, or the lack of one, before it reads the request.
    case clientCertificateRefused = "client_certificate_refused"
    case tlsFailed = "tls_failed"
    case proxyFailed = "proxy_failed"
    /// The connection ended before the request was on it.
    case resetBeforeSending = "reset_before_sending"
    /// The connection ended after the request was sent.
    case resetAfterSending = "reset_after_sending"
    /// The answer did not come, or not whole, in time.
    case responseTimeout = "response_timeout"
    /// The answer is beyond the size limit.
    case responseTooLarge = "response_too_large"
    /// The answer is not HTTP.
    case notHTTP = "not_http"

    /// Whether the server may have acted on the request.
    package var mayHaveBeenProcessed: Bool {
        switch self {
        case .resetAfterSending, .responseTimeout, .responseTooLarge, .notHTTP: true
        case .nameNotFound, .connectionRefused, .connectTimeout, .certificateRefused, .clientCertificateRefused,
            .tlsFailed, .proxyFailed, .resetBeforeSending:
            false
        }
    }
}

/// A token request that brought no token: what happened, in the server's own words where it had any.
package struct TokenEndpointFailure: Error, Sendable, Hashable {
    /// What it means.
    package var failureClass: FailureClass

    /// The `error` of RFC 6749 §5.2, or a short name of ours for what went wrong (`connection_refused`).
    package var error: String

    /// The server's `error_description`, or its body's beginning, made printable and cut to `maximumWords` bytes.
    package var serverWords: String?

    /// The HTTP status, when there was an answer.
    package var serverStatus: Int?

    /// What the provider's own code means beyond `error`, in its spelling: `50196`, `invalid_rapt`.
    package var providerCode: String?

    /// The server's name for the request, for its support to find it by.
    package var requestID: String?

    /// How far the server's clock is ahead of ours, in whole seconds, negative when behind; nil when it did not say.
    package var clockSkew: Duration?

    /// How long the server asks to be left alone (Retry-After).
    package var retryAfter: Duration?

    /// How far the request got, when there was no answer.
    package var transport: TransportFailure?

    /// What was sent before with the same refresh token and never answered.
    package var unanswered: UnansweredAttempts?

    /// The first error of the chain that this one ends, with the same refresh token.
    package var precededBy: EarlierFailure?

    /// How many of the client's secrets were refused like this, where more than one was.
    package var refusedSecrets: Int?

    /// The assertion that went with the request; nil when none did.
    package var assertion: PresentedAssertion?

    /// Enough for an error text, too little to flood a log.
    package static let maximumWords = 300

    package init(
        _ failureClass: FailureClass,
        error: String,
        serverWords: String? = nil,
        serverStatus: Int? = nil,
        retryAfter: Duration? = nil,
        transport: TransportFailure? = nil
    ) {
        self.failureClass = failureClass
        self.error = error
        self.serverWords = serverWords
        self.serverStatus = serverStatus
        self.retryAfter = retryAfter
        self.transport = transport
    }
}
