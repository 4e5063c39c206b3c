package import OAuth2

/// How a caller's wait ends.
package enum FetchOutcome: Sendable, Equatable {
    /// With this token.
    case token(AccessToken)

    /// Without one.
    case failure(FetchFailure)
}

/// Why a caller gets no token.
package enum FetchFailure: Error, Sendable, Equatable {
    /// The authorization server or the way to it is failing; asking again is worth it in `retryAfter`.
    case temporarilyUnavailable(retryAfter: Duration, TokenEndpointFailure?)

    /// The server refuses the client as configured, or its configuration cannot be read; nil: no attempt is planned.
    case clientMisconfigured(TokenEndpointFailure, retryAfter: Duration?)

    /// A person must log in.
    case loginRequired(TokenEndpointFailure)

    /// No token of this server has that much left; `longest` is the longest lifetime it has granted.
    case minTTLUnmet(longest: Duration)

    /// The client or this slot is gone from the configuration.
    case removed
}
