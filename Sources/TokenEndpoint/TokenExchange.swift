package import OAuth2

/// What came of one token request on the wire.
package struct TokenExchange: Sendable {
    /// The token, or why there is none.
    package let result: Result<TokenResponse, TokenEndpointFailure>

    /// How far the server's clock is ahead of ours, in whole seconds, negative when behind; nil when it did not say.
    package let clockSkew: Duration?

    /// The next refresh token, in an answer that is worth nothing else.
    package let successor: Secret?

    /// An exchange that ended so.
    package init(
        result: Result<TokenResponse, TokenEndpointFailure>,
        clockSkew: Duration? = nil,
        successor: Secret? = nil
    ) {
        self.result = result
        self.clockSkew = clockSkew
        self.successor = successor
    }
}
