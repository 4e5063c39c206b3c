package import OAuth2

/// An access token as it survives a restart: what it is for, and for whom it was got.
package struct StoredToken: Sendable, Equatable {
    /// Where the token belongs.
    package var slot: TokenSlotID

    /// The token itself.
    package var token: AccessToken

    /// When to refresh, counted from the receipt, as drawn once when the token came; nil for never.
    package var refreshAge: Duration?

    /// When a caller last wanted it; nil, when saved, leaves what is stored.
    package var lastAsked: Receipt?

    /// The client_id it was got with, so that a client with another one is not served it.
    package var clientID: String

    /// The token endpoint it was got from, for the same reason.
    package var tokenEndpoint: String

    /// Durations are kept in whole nanoseconds; what is finer is cut off.
    package init(
        slot: TokenSlotID,
        token: AccessToken,
        refreshAge: Duration?,
        lastAsked: Receipt?,
        clientID: String,
        tokenEndpoint: String
    ) {
        self.slot = slot
        self.token = token
        self.refreshAge = refreshAge
        self.lastAsked = lastAsked
        self.clientID = clientID
        self.tokenEndpoint = tokenEndpoint
    }
}

/// What the store holds: the tokens that could be opened, one a slot, and the rows that could not.
package struct StoredTokens: Sendable, Equatable {
    package var tokens: [StoredToken]
    package var unreadable: [UnreadableToken]
}

/// A row that was skipped, and why.
package struct UnreadableToken: Error, Sendable, Equatable {
    /// Why a row could not be read.
    package enum Reason: String, Sendable, Equatable {
        /// It was sealed with a key that was not given.
        case keyMissing = "key_missing"

        /// The seal is broken: the row was altered, moved or damaged.
        case sealBroken = "seal_broken"

        /// A column holds what this version never writes.
        case malformed
    }

    /// The client that the row names, as far as it names one.
    package var client: String?

    package var reason: Reason
}
