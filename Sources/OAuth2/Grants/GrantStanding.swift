/// What a stored grant is good for.
package enum GrantStanding: Sendable, Hashable {
    /// It is presented when a token is needed.
    case held

    /// The server refused it: it is kept for people to look at, and never presented again.
    case refused(GrantRefusal)

    /// It comes from a backup, and may have been spent since: it is presented only on the operator's word.
    case restored

    /// Another login, or a changed first refresh token, took its place; it is kept until that one has worked once.
    case replaced

    /// It was rotated, or came, when another had taken its place already: it is to be revoked.
    case superseded
}

/// Why and when a server refused a refresh token.
package struct GrantRefusal: Sendable, Hashable {
    /// Since 1970-01-01 UTC.
    package var at: Duration

    /// The `error` of RFC 6749 §5.2, or a short name of ours.
    package var error: String

    /// The server's words, printable and without secrets.
    package var serverWords: String?

    /// The HTTP status.
    package var serverStatus: Int?

    /// What had been sent before and was never answered, so that it may have spent the token.
    package var unanswered: UnansweredAttempts?

    /// What it had been refused with before; known until the daemon ends.
    package var precededBy: EarlierFailure?

    package init(
        at: Duration,
        error: String,
        serverWords: String? = nil,
        serverStatus: Int? = nil,
        unanswered: UnansweredAttempts? = nil,
        precededBy: EarlierFailure? = nil
    ) {
        self.at = at
        self.error = error
        self.serverWords = serverWords
        self.serverStatus = serverStatus
        self.unanswered = unanswered
        self.precededBy = precededBy
    }
}

/// Requests with one refresh token whose outcome nobody knows.
package struct UnansweredAttempts: Sendable, Hashable {
    /// How many were sent.
    package var count: Int

    /// When the first of them was about to be sent, since 1970-01-01 UTC.
    package var since: Duration

    /// How the latest of them ended, as the failure's name; nil when the daemon itself ended first.
    package var lastFailure: String?

    package init(count: Int, since: Duration, lastFailure: String? = nil) {
        self.count = count
        self.since = since
        self.lastFailure = lastFailure
    }
}

/// The intent to present a refresh token, stored before it is sent and until its outcome is.
package struct RefreshIntent: Sendable, Hashable {
    /// The sequence of the token that is presented.
    package var sequence: Int64

    /// How many times it was about to be sent without a definite answer since, this time included.
    package var attempts: Int

    /// When the first of them was about to be sent, since 1970-01-01 UTC.
    package var since: Duration

    /// How the one before this ended; nil for the first, and when the daemon itself ended first.
    package var lastFailure: String?

    package init(sequence: Int64, attempts: Int, since: Duration, lastFailure: String? = nil) {
        self.sequence = sequence
        self.attempts = attempts
        self.since = since
        self.lastFailure = lastFailure
    }
}
