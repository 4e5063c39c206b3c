package import OAuth2

/// Numbers a slot's token requests, so that an answer that was overtaken is known as such.
package struct Generation: Sendable, Hashable, Comparable {
    let number: UInt64

    package static func < (left: Generation, right: Generation) -> Bool { left.number < right.number }
}

/// Names a caller that waits.
package struct WaiterID: Sendable, Hashable {
    package let number: UInt64

    package init(_ number: UInt64) { self.number = number }
}

/// What the shell is to do, in this order.
package enum Action: Sendable, Equatable {
    /// Ask the server, then report `tokenReceived` or `requestFailed` with the same generation.
    case sendTokenRequest(Generation)
    /// Serve this token from now on.
    case publish(KeptToken)
    /// Serve nothing from now on.
    case withdraw
    /// Answer a caller that waited; it waits no more.
    case answer(WaiterID, FetchOutcome)
    /// Call `timerFired` at this time of CLOCK_BOOTTIME; replaces an earlier one.
    case setTimer(at: Duration)
    case cancelTimer
    /// Remember over restarts that the slot was asked for.
    case recordLastAsked(Moment)
    /// An answer came for a request that was overtaken; nothing was published.
    case discardedStaleAnswer(Generation)
}

/// What a caller that waited gets.
package enum FetchOutcome: Sendable, Equatable {
    case token(AccessToken)
    case failure(FetchFailure)
}

/// Why a caller gets no token.
package enum FetchFailure: Error, Sendable, Equatable {
    /// The server is failing and nothing usable is kept; the failure is nil when no request was made yet.
    case temporarilyUnavailable(retryAfter: Duration, TokenEndpointFailure?)
    /// The server refuses the client as it is configured.
    case clientMisconfigured(TokenEndpointFailure, retryAfter: Duration?)
    /// A person must log in.
    case loginRequired(TokenEndpointFailure)
    /// No token of this client has that much left; `longest` is the longest lifetime seen.
    case minTTLUnmet(longest: Duration)
    /// The client was removed or replaced while the caller waited.
    case removed
}

/// What a slot is doing, the better states first.
package enum SlotState: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Nothing is kept and nobody asked lately.
    case idle
    /// A token is kept and nothing needs doing.
    case fresh
    /// The kept token serves while its replacement is asked for.
    case refreshing
    /// The first token is being asked for.
    case fetching
    /// The server is failing; the kept token still serves.
    case retrying
    /// The server is failing and nothing serves.
    case expired
    /// A person must change something.
    case misconfigured
    /// A person must log in.
    case loginRequired = "login_required"

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

/// What the operator sees of a slot; times are since 1970-01-01 UTC.
package struct SlotReport: Sendable, Equatable {
    /// A failure that stands.
    package struct LastFailure: Sendable, Equatable {
        package var failure: TokenEndpointFailure
        package var at: Moment
    }

    package var state: SlotState

    /// Whether a caller would be served from what is kept.
    package var serving: Bool

    package var expiresAt: Duration?
    package var nextAttemptAt: Duration?

    /// When callers notice if the server stays down; nil when nothing serves or the token does not expire.
    package var diesAt: Duration?

    package var lastFailure: LastFailure?

    /// Whether the token is being kept fresh ahead of its expiry.
    package var isWarm: Bool

    package var lifetime: Duration?
    package var waiters: Int
}
