package import OAuth2

extension TokenEndpointFailure {
    /// The refusal as it was when it came, for whoever asks later.
    package init(_ refusal: GrantRefusal) {
        self.init(
            .loginRequired,
            error: refusal.error,
            serverWords: refusal.serverWords,
            serverStatus: refusal.serverStatus
        )
        unanswered = refusal.unanswered
        precededBy = refusal.precededBy
    }
}

extension GrantRefusal {
    /// What is kept of a failure that ended a grant.
    package init(_ failure: TokenEndpointFailure, at time: Duration) {
        self.init(
            at: time,
            error: failure.error,
            serverWords: failure.serverWords,
            serverStatus: failure.serverStatus,
            unanswered: failure.unanswered,
            precededBy: failure.precededBy
        )
    }
}
