package import OAuth2

/// A grant as it is stored.
package struct StoredGrant: Sendable, Equatable {
    package var grant: RefreshGrant
    package var standing: GrantStanding

    /// A request whose outcome was not stored: it may have spent the token.
    package var intent: RefreshIntent?

    /// Since when no client is configured (any more) as the grant needs it, since 1970-01-01 UTC; nil while one is.
    package var unconfiguredSince: Duration?

    package init(
        grant: RefreshGrant,
        standing: GrantStanding = .held,
        intent: RefreshIntent? = nil,
        unconfiguredSince: Duration? = nil
    ) {
        self.grant = grant
        self.standing = standing
        self.intent = intent
        self.unconfiguredSince = unconfiguredSince
    }
}

/// What the store holds: the grants that could be opened, one a lineage, and the rows that could not.
package struct StoredGrants: Sendable, Equatable {
    package var grants: [StoredGrant]
    package var unreadable: [UnreadableGrant]
}

/// A grant's row that was skipped, and why; it stays where it is.
package struct UnreadableGrant: Error, Sendable, Equatable {
    /// The client that the row names, as far as it names one.
    package var client: String?

    package var reason: UnreadableToken.Reason
}

/// What became of a grant that the server renewed.
package enum GrantCommit: Sendable, Equatable {
    /// It is the client's grant now.
    case held

    /// Another took its place meanwhile, or the client was logged out: it is stored, to be revoked.
    case superseded

    /// What is stored of its lineage is as new or newer: nothing was changed.
    case outdated
}

/// Whose grant a login's takes the place of.
package enum AccountReplacement: Sendable, Hashable {
    /// The same account's, as far as is known.
    case same

    /// Another's, which is never to be served again.
    case another

    /// Another's by the operator's word alone.
    case unknown
}
