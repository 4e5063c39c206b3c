internal import OAuth2

/// A failure that stands until the next success.
struct StandingFailure: Sendable {
    /// What the latest attempt met.
    let failure: TokenEndpointFailure

    /// When it was reported.
    let at: Moment

    /// How many of its kind came in a row.
    var count: Int

    /// The time since boot before which the slot asks only on a person's word; nil when it asks on nothing else.
    var nextAttemptAt: Duration?

    /// The time since boot until which the server wants to be left alone.
    let leaveAloneUntil: Duration?

    /// Whether callers are told of it at once; false as soon as there is cause to hope for better, so that callers wait
    /// for what comes of it.
    var answersCallers: Bool

    var kind: Kind { Kind(failure.failureClass) }

    /// What a failure means to callers and in status.
    enum Kind {
        /// It may pass by itself.
        case passing

        /// A person must change the configuration, here or at the server.
        case misconfigured

        /// A person must log in.
        case loginRequired

        init(_ failureClass: FailureClass) {
            switch failureClass {
            case .transient, .unknown, .protocol: self = .passing
            case .configuration, .endpointMisconfigured, .dpopNonceRequired, .halted, .unexplainedRefusal:
                self = .misconfigured
            case .loginRequired, .authorizationPending, .slowDown, .expiredDeviceCode: self = .loginRequired
            }
        }
    }

    /// The failure as a caller hears it.
    func fetchFailure(_ now: Moment) -> FetchFailure {
        // While an attempt is under way its outcome is due any moment.
        let wait = nextAttemptAt.map { max(Backoff.floor, $0 - now.sinceBoot) }
        switch kind {
        case .passing: return .temporarilyUnavailable(retryAfter: wait ?? Backoff.floor, failure)
        case .misconfigured: return .clientMisconfigured(failure, retryAfter: wait)
        case .loginRequired: return .loginRequired(failure)
        }
    }
}
