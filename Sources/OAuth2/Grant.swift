/// What a token request presents to be given a token (RFC 6749 §1.3).
package enum Grant: Sendable, Hashable, CaseIterable {
    /// The client's own authority (RFC 6749 §4.4).
    case clientCredentials

    /// A refresh token (RFC 6749 §6).
    case refreshToken

    /// The value of `grant_type`.
    package var type: String {
        switch self {
        case .clientCredentials: "client_credentials"
        case .refreshToken: "refresh_token"
        }
    }

    /// Whether the server may take what is presented only once, so that an unanswered request may have spent it.
    package var isSingleUse: Bool {
        switch self {
        case .clientCredentials: false
        case .refreshToken: true
        }
    }
}
