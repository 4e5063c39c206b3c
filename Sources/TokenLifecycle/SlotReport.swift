package import OAuth2

/// The state of a slot by its latest attempt, in order of severity, the worst last.
package enum SlotState: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Never asked for, or gone cold without a token.
    case idle

    /// The latest attempt brought a token, and it serves.
    case fresh

    /// The token serves while a newer one is being fetched.
    case refreshing

    /// Nothing serves yet and a request is under way.
    case fetching

    /// The latest attempt failed for a passing reason; the token still serves.
    case retrying

    /// The latest attempt failed for a passing reason, and nothing serves.
    case expired

    /// A person must change the configuration, here or at the server.
    case misconfigured

    /// A person must log in.
    case loginRequired = "login_required"

    /// Whether `left` is less severe.
    package static func < (left: SlotState, right: SlotState) -> Bool { left.severity < right.severity }

    private var severity: Int {
        switch self {
        case .idle: 0
        case .fresh: 1
        case .refreshing: 2
        case .fetching: 3
        case .retrying: 4
        case .expired: 5
        case .misconfigured: 6
        case .loginRequired: 7
        }
    }
}

/// The failure of a slot's latest attempt.
package struct ReportedFailure: Sendable, Hashable {
    /// What went wrong.
    package var failure: TokenEndpointFailure

    /// When it was reported.
    package var at: Moment
}

/// What an operator may know about a slot.
package struct SlotReport: Sendable, Hashable {
    /// By the latest attempt.
    package var state: SlotState

    /// Whether a fetch without a `min_ttl` of its own would get a token at once.
    package var serving: Bool

    /// The end of the kept token, by the wall clock; nil when it does not expire or there is none.
    package var expiresAt: Duration?

    /// When the next token request is due, by the wall clock; nil when none is, or one is under way.
    package var nextAttemptAt: Duration?

    /// Whether a token request is under way, or waits for its turn at the server.
    package var isAttemptUnderWay: Bool

    /// When callers will notice if the server stays down, by the wall clock; nil when never, or nothing serves.
    package var diesAt: Duration?

    /// The failure of the latest attempt; nil after a success.
    package var lastFailure: ReportedFailure?

    /// Whether the slot is in use: refreshed ahead of its token's end, or waited for.
    package var isWarm: Bool

    /// The lifetime of the kept token; nil when it does not expire or there is none.
    package var lifetime: Duration?

    /// How many callers wait.
    package var waiters: Int
}
