import OAuth2

extension UnansweredAttempts {
    /// What happened before the refresh token was refused, in one sentence.
    var summary: String {
        "The refresh token was presented \(times) without an answer (\(end)), so that the authorization server may have "
            + "replaced it in an answer that never came, and it refuses the old one now."
    }

    private var times: String {
        count > 1 ? "\(count) times since \(UTCText.text(since))" : "once at \(UTCText.text(since))"
    }

    private var end: String {
        guard let lastFailure else { return "the daemon was ended in the midst" }
        return count > 1 ? "at last \(lastFailure)" : lastFailure
    }
}
