internal import OAuth2

/// A failure that stands until the next success.
struct StandingFailure: Sendable {
    private let met: Boxed<TokenEndpointFailure>

    /// What it means to callers and in status.
    let kind: Kind

    /// When it was reported.
    let at: Moment

    /// The time since boot from which its kind has stood without an end in sight.
    var since: Duration

    /// How many of its kind came in a row.
    var count: Int

    /// The time since boot at which another client's success last had it tried again.
    var wokenAt: Duration?

    /// Whether it outlasted another client's success: what ails this one is its own.
    var isOwn: Bool { wokenAt != nil }

    /// The time since boot before which the slot asks only on a person's word; nil when it asks on nothing else.
    var nextAttemptAt: Duration?

    /// The time since boot until which the server wants to be left alone.
    let leaveAloneUntil: Duration?

    /// Whether callers are told of it at once; false as soon as there is cause to hope for better, so that callers wait
    /// for what comes of it.
    var answersCallers: Bool

    init(
        _ failure: TokenEndpointFailure,
        at: Moment,
        since: Duration,
        count: Int,
        nextAttemptAt: Duration?,
        leaveAloneUntil: Duration?,
        answersCallers: Bool
    ) {
        met = Boxed(failure)
        kind = Kind(failure.failureClass)
        self.at = at
        self.since = since
        self.count = count
        self.nextAttemptAt = nextAttemptAt
        self.leaveAloneUntil = leaveAloneUntil
        self.answersCallers = answersCallers
    }

    /// What the latest attempt met.
    var failure: TokenEndpointFailure { met.value }

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
