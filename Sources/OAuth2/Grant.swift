/// What a token request presents to be given a token (RFC 6749 §1.3).
package enum Grant: Sendable, Hashable, CaseIterable {
    /// The client's own authority (RFC 6749 §4.4).
    case clientCredentials

    /// A refresh token (RFC 6749 §6).
    case refreshToken

    /// The code of a login in a browser (RFC 6749 §4.1).
    case authorizationCode

    /// The code of a login on another device (RFC 8628 §3.4).
    case deviceCode

    /// An assertion that the client signs for itself or for a user (RFC 7523 §2.1).
    case jwtBearer

    /// The value of `grant_type`.
    package var type: String {
        switch self {
        case .clientCredentials: "client_credentials"
        case .refreshToken: "refresh_token"
        case .authorizationCode: "authorization_code"
        case .deviceCode: "urn:ietf:params:oauth:grant-type:device_code"
        case .jwtBearer: "urn:ietf:params:oauth:grant-type:jwt-bearer"
        }
    }

    /// Its name in the configuration.
    package var name: String {
        switch self {
        case .clientCredentials, .refreshToken, .authorizationCode: type
        case .deviceCode: "device_code"
        case .jwtBearer: "jwt_bearer"
        }
    }

    /// Whether the server may take what is presented only once, so that an unanswered request may have spent it.
    ///
    /// A device code is asked about again and again, until the person has decided (RFC 8628 §3.4).
    package var isSingleUse: Bool {
        switch self {
        case .clientCredentials, .deviceCode, .jwtBearer: false
        case .refreshToken, .authorizationCode: true
        }
    }

    /// Whether a person gave it, just now, by a login.
    package var isOfLogin: Bool { self == .authorizationCode || self == .deviceCode }

    /// Whether what a person gave is kept, so that tokens can be had without another login.
    package var isKept: Bool { self == .refreshToken || isOfLogin }

    /// Whether it is the client's own authority, behind which stands no person who could log in again.
    package var isClientsOwn: Bool {
        switch self {
        case .clientCredentials, .jwtBearer: true
        case .refreshToken, .authorizationCode, .deviceCode: false
        }
    }
}
