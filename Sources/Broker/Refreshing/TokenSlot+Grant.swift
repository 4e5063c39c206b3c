internal import OAuth2
internal import TokenLifecycle

/// What becomes of the grant that the slot's tokens are had by.
extension TokenSlot {
    /// There is another grant than before.
    func grantChanged() { modify { $0.grantChanged(now: $1) } }

    /// A login brought this token, and the store has it.
    func tokenBrought(_ kept: KeptToken, isAnotherAccount: Bool = false) {
        modify { $0.tokenBrought(kept, isAnotherAccount: isAnotherAccount, now: $1) }
    }

    /// Another account took the grant's place.
    func accountReplaced() { modify { $0.accountReplaced(now: $1) } }

    /// The grant is to be used for its own sake.
    func grantUseWanted(isUrgent: Bool) { modify { $0.grantUseWanted(isUrgent: isUrgent, now: $1) } }

    /// The server refuses the grant.
    func grantRefused(_ failure: TokenEndpointFailure) { modify { $0.grantRefused(failure, now: $1) } }

    /// The operator gave the grant up.
    func grantForgotten(_ failure: TokenEndpointFailure) {
        modify { $0.grantForgotten(failure, now: $1) }
        surroundings.keeper.remove(id)
    }
}
