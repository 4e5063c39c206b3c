/// What is held of a client's grant; times are Unix seconds.
package struct GrantStatus: Sendable, Equatable, Codable {
    /// What the grant is good for.
    package enum Standing: String, Sendable, Codable, CaseIterable {
        /// It is presented when a token is needed.
        case held
        /// The authorization server refused it; it is kept and never presented again.
        case refused
        /// It comes from a backup, and is presented only on the operator's word.
        case restored
        /// There is none.
        case absent = "none"
    }

    /// How the authorization server refused the grant.
    package struct Refusal: Sendable, Equatable, Codable {
        package var at: Int

        /// The authorization server's own `error`, or a short name of ours.
        package var error: String

        package var serverWords: String?
        package var serverStatus: Int?

        /// How often its refresh token had been presented before without an answer.
        package var unansweredAttempts: Int?

        /// When the first of these was about to be sent.
        package var unansweredSince: Int?

        package init(
            at: Int,
            error: String,
            serverWords: String? = nil,
            serverStatus: Int? = nil,
            unansweredAttempts: Int? = nil,
            unansweredSince: Int? = nil
        ) {
            self.at = at
            self.error = error
            self.serverWords = serverWords
            self.serverStatus = serverStatus
            self.unansweredAttempts = unansweredAttempts
            self.unansweredSince = unansweredSince
        }
    }

    package var standing: Standing

    /// Counts the refresh tokens since the login, from 1.
    package var sequence: Int?

    package var firstIssuedAt: Int?
    package var renewedAt: Int?

    /// When it ends, used or not; nil when that is not known.
    package var endsAt: Int?

    package var refused: Refusal?

    /// Whether its newest refresh token is in memory alone, since the store takes no write.
    package var unsaved: Bool

    /// What an operator should know, in one sentence with what to do.
    package var warning: String?

    /// Whose login it is, as the authorization server names them; nil when that is not known.
    package var subject: String?

    package init(
        standing: Standing,
        sequence: Int? = nil,
        firstIssuedAt: Int? = nil,
        renewedAt: Int? = nil,
        endsAt: Int? = nil,
        refused: Refusal? = nil,
        unsaved: Bool = false,
        warning: String? = nil,
        subject: String? = nil
    ) {
        self.standing = standing
        self.sequence = sequence
        self.firstIssuedAt = firstIssuedAt
        self.renewedAt = renewedAt
        self.endsAt = endsAt
        self.refused = refused
        self.unsaved = unsaved
        self.warning = warning
        self.subject = subject
    }
}
