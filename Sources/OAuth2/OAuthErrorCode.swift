/// The error codes that the protocols define for a token endpoint.
package enum OAuthErrorCode: String, Sendable, Hashable, CaseIterable {
    // RFC 6749 §5.2
    case invalidRequest = "invalid_request"
    case invalidClient = "invalid_client"
    case invalidGrant = "invalid_grant"
    case unauthorizedClient = "unauthorized_client"
    case unsupportedGrantType = "unsupported_grant_type"
    case invalidScope = "invalid_scope"

    // RFC 6749 §4.1.2.1: for the authorization endpoint, and seen at token endpoints.
    case accessDenied = "access_denied"
    case serverError = "server_error"
    case temporarilyUnavailable = "temporarily_unavailable"

    // RFC 8707 §2
    case invalidTarget = "invalid_target"

    // OpenID Connect Core §3.1.2.6
    case interactionRequired = "interaction_required"
    case consentRequired = "consent_required"
    case loginRequired = "login_required"

    // RFC 8628 §3.5
    case authorizationPending = "authorization_pending"
    case slowDown = "slow_down"
    case expiredToken = "expired_token"

    // RFC 9449 §8
    case useDPoPNonce = "use_dpop_nonce"

    /// What the code means to a client that presented `grant`.
    package func failureClass(for grant: Grant) -> FailureClass {
        generalClass.asked(by: grant)
    }

    /// What the code means by its own definition.
    private var generalClass: FailureClass {
        switch self {
        case .invalidRequest, .invalidClient, .unauthorizedClient, .unsupportedGrantType, .invalidScope, .accessDenied,
            .invalidTarget:
            .configuration
        case .serverError, .temporarilyUnavailable: .transient
        case .invalidGrant, .interactionRequired, .consentRequired, .loginRequired: .loginRequired
        case .authorizationPending: .authorizationPending
        case .slowDown: .slowDown
        case .expiredToken: .expiredDeviceCode
        case .useDPoPNonce: .dpopNonceRequired
        }
    }
}
