/// What came of a caller's report that it was refused with a token.
package enum RejectionOutcome: String, Sendable, Hashable, CaseIterable {
    /// The report makes the slot ask for another token.
    case refreshing

    /// Another token is being asked for already.
    case alreadyUnderWay = "already_under_way"

    /// No slot serves that token, or none that the caller may ask for.
    case notCurrent = "not_current"

    /// The server was asked for another in its place, and gave the same.
    case sameTokenAgain = "same_token_again"

    /// The latest request failed, and the server is given its time.
    case serverLeftAlone = "server_left_alone"

    /// The slot's token was replaced on a caller's word a moment ago.
    case tooSoon = "too_soon"

    /// The caller had as many tokens replaced as one may.
    case callerLimit = "caller_limit"

    /// Whether another token is on its way.
    package var isRefreshing: Bool { self == .refreshing || self == .alreadyUnderWay }
}
