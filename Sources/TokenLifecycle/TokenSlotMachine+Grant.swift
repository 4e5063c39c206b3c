package import OAuth2

/// What befalls the client's grant, for grants that are kept.
extension TokenSlotMachine {
    /// There is another grant than before: what it is good for is found out at once where somebody needs it.
    package mutating func grantChanged(now: Moment) -> [Action] {
        guard !isRemoved else { return [] }
        // A request that is under way waits for its turn, and presents the new one.
        if inFlight == nil, isWarm(now) { isAttemptWanted = true }
        failure = nil
        return plan(now)
    }

    /// The grant is to be used now for its own sake, whoever needs a token; what a person must mend first is not tried,
    /// and what failed is given its time unless it `isUrgent`.
    package mutating func grantUseWanted(isUrgent: Bool, now: Moment) -> [Action] {
        guard !isRemoved, inFlight == nil else { return [] }
        if let failure {
            guard let next = failure.nextAttemptAt, isUrgent || next <= now.sinceBoot else { return [] }
        }
        isAttemptWanted = true
        return plan(now)
    }

    /// The server refuses the grant, which another slot or an earlier run learned; what is cached serves on.
    package mutating func grantRefused(_ failure: TokenEndpointFailure, now: Moment) -> [Action] {
        guard !isRemoved, inFlight == nil else { return [] }
        isAttemptWanted = false
        return stand(failure, spread: 0, now)
    }

    /// A login brought this token, and the store has it: no request need be made, and one that waits for its turn at the
    /// grant is overtaken.
    ///
    /// Of another account's it takes the place of what the one before brought even where it is of no use itself.
    package mutating func tokenBrought(
        _ kept: KeptToken,
        isAnotherAccount: Bool = false,
        now: Moment
    ) -> [Action] {
        guard !isRemoved else { return [] }
        let withdrawing: [Action] = isAnotherAccount && held != nil ? [.withdraw] : []
        if isAnotherAccount { (held, lastReceived, nothingNewBefore) = (nil, nil, nil) }
        generation = generation.next
        (inFlight, unexplained, isForcing) = (generation, nil, false)
        return withdrawing + tokenReceived(kept, generation: generation, now: now)
    }

    /// Another account took the grant's place: what the one before brought is not served any more.
    package mutating func accountReplaced(now: Moment) -> [Action] {
        guard !isRemoved else { return [] }
        let withdrawing: [Action] = held == nil ? [] : [.withdraw]
        (held, lastReceived, nothingNewBefore) = (nil, nil, nil)
        return withdrawing + grantChanged(now: now)
    }

    /// The operator gave the grant up, and with it what it brought.
    package mutating func grantForgotten(_ failure: TokenEndpointFailure, now: Moment) -> [Action] {
        guard !isRemoved else { return [] }
        let withdrawing: [Action] = held == nil ? [] : [.withdraw]
        (held, lastReceived) = (nil, nil)
        return withdrawing + grantRefused(failure, now: now)
    }
}
