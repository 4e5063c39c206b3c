package import OAuth2
package import TokenLifecycle
package import TokenStore

/// What a slot begins with: its token, and when it was last asked for.
package struct SlotMemory: Sendable {
    package let kept: KeptToken?
    package let lastAsked: Receipt?

    package init(kept: KeptToken?, lastAsked: Receipt?) {
        self.kept = kept
        self.lastAsked = lastAsked
    }
}

extension Client {
    /// What the database kept for `configuration`, leaving out tokens that were got with another client_id or elsewhere.
    package static func memories(
        _ stored: [StoredToken],
        for configuration: ClientConfiguration
    ) -> [TokenTarget: SlotMemory] {
        var memories: [TokenTarget: SlotMemory] = [:]
        for row in stored
        where row.clientID == configuration.tokenOwner && row.tokenEndpoint == configuration.endpoint.url.text {
            memories[row.slot.target] = SlotMemory(
                kept: KeptToken(token: row.token, refreshAge: row.refreshAge),
                lastAsked: row.lastAsked
            )
        }
        return memories
    }

    /// What the slots know now, for the client that takes over from this one.
    package func memories() -> [TokenTarget: SlotMemory] {
        Dictionary(uniqueKeysWithValues: slots.map { ($0.id.target, $0.memory()) })
    }
}
