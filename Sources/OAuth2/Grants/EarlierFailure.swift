/// What a server said to a request whose failure brought a later one about.
package struct EarlierFailure: Sendable, Hashable {
    /// Its `error`.
    package var error: String

    /// Its words, printable and without secrets.
    package var words: String?

    /// When it came, since 1970-01-01 UTC.
    package var at: Duration

    package init(error: String, words: String? = nil, at: Duration) {
        self.error = error
        self.words = words
        self.at = at
    }
}

extension EarlierFailure {
    /// `failure`, when a server that answered so may have spent what was presented; nil when it did not get so far, or
    /// there was no such answer.
    package init?(_ failure: TokenEndpointFailure, at time: Duration) {
        guard failure.failureClass == .configuration, failure.serverStatus != nil, failure.localFault == nil,
            AnswerFault(rawValue: failure.error) == nil, !failure.isFailedAuthentication(presenting: .refreshToken),
            !Self.beforeToken.contains(failure.error)
        else { return nil }
        self.init(error: failure.error, words: failure.serverWords, at: time)
    }

    /// That the client may not use the grant at all is found before what it presents is looked at (RFC 6749 §5.2).
    private static let beforeToken = [OAuthErrorCode.unauthorizedClient, .unsupportedGrantType].map(\.rawValue)
}
