/// Which of the two sockets a connection came in on.
package enum SocketRole: String, Sendable, Hashable {
    /// Open to every process; the policy decides.
    case token
    /// For operators.
    case admin
}

/// Everything that can be wrong with a request, in RFC 6749 §5.2's words and ours; closed, so that callers can rely on it.
package enum APIErrorCode: String, Sendable, Hashable, CaseIterable {
    case invalidRequest = "invalid_request"
    case invalidScope = "invalid_scope"
    case unsupportedGrantType = "unsupported_grant_type"
    /// Told on the admin socket alone.
    case unknownClient = "unknown_client"
    case serverError = "server_error"
    case temporarilyUnavailable = "temporarily_unavailable"
    case tooManyRequests = "too_many_requests"
    case accessDenied = "access_denied"
    case clientMisconfigured = "client_misconfigured"
    case loginRequired = "login_required"
    case minTTLUnmet = "min_ttl_unmet"

    /// The HTTP status it comes with.
    package var httpStatus: Int {
        switch self {
        case .invalidRequest, .invalidScope, .unsupportedGrantType: 400
        case .unknownClient: 404
        case .serverError: 500
        case .temporarilyUnavailable: 503
        case .tooManyRequests: 429
        case .accessDenied: 403
        case .clientMisconfigured: 502
        case .loginRequired, .minTTLUnmet: 409
        }
    }

    /// What tokenctl exits with: sysexits(3) where it has a word, 80 and more where it has none.
    package var exitStatus: Int32 {
        switch self {
        case .invalidRequest, .invalidScope, .unsupportedGrantType: 64
        case .unknownClient: 66
        case .serverError: 70
        case .temporarilyUnavailable, .tooManyRequests: 75
        case .accessDenied: 77
        case .clientMisconfigured: 78
        case .loginRequired: 80
        case .minTTLUnmet: 81
        }
    }
}
