package import OAuth2

/// Names one turn at a grant; the shell gives each name out once.
package struct TurnID: Sendable, Hashable {
    /// What the shell counted.
    package let number: UInt64

    /// The name of the turn with this number.
    package init(_ number: UInt64) { self.number = number }
}

/// What a turn at a grant is wanted for.
package enum TurnPurpose: Sendable, Hashable {
    /// To present the refresh token.
    case tokenRequest

    /// To replace, revoke or forget the grant: it comes whatever the grant is good for.
    case change
}

/// What the shell is to do for a grant, in order, once it has left its lock.
package enum GrantAction: Sendable, Equatable {
    /// Nobody else works with the grant now: go on with this turn, and report its end by `turnEnded`.
    case begin(TurnID)

    /// End this turn's request: its refresh token must not be presented now, or there is none.
    case refuse(TurnID, TokenEndpointFailure)
}

/// A refresh token that may be sent now.
package struct Presentation: Sendable, Equatable {
    /// What is presented.
    package var grant: RefreshGrant

    /// What is to be stored first; nil where presenting it spends nothing.
    package var intent: RefreshIntent?
}

/// What the end of a request with a refresh token means for the grant.
package enum GrantVerdict: Sendable, Equatable {
    /// Store this in place of what was presented, together with the access token.
    case granted(RefreshGrant)

    /// It was not sent, or not spent: close the intent.
    case unspent

    /// It may have been spent: leave the intent open.
    case unknown

    /// Nobody takes it any more: put it into quarantine.
    case refused(GrantRefusal)
}

/// The grant as an operator sees it.
package struct GrantReport: Sendable, Equatable {
    /// The grant; nil when there is none.
    package var grant: RefreshGrant?

    /// What it is good for; nil when there is none.
    package var standing: GrantStanding?

    /// What was sent with its refresh token and never answered.
    package var unanswered: UnansweredAttempts?

    /// Whether its latest refresh token is in memory alone.
    package var isUnsaved: Bool

    /// Its end as far as is known, since 1970-01-01 UTC.
    package var endsAt: Duration?

    /// Whether its end is near.
    package var isEnding: Bool
}
