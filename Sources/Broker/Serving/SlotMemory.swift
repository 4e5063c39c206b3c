package import OAuth2
package import TokenLifecycle
package import TokenStore

/// What a slot begins with: its token, and when it was last asked for.
package struct SlotMemory: Sendable {
    package let target: TokenTarget
    package let kept: KeptToken?
    package let lastAsked: Receipt?

    package init(target: TokenTarget, kept: KeptToken?, lastAsked: Receipt?) {
        self.target = target
        self.kept = kept
        self.lastAsked = lastAsked
    }
}

extension Client {
    /// What the database kept for `configuration`, leaving out tokens that were got with another client_id or elsewhere.
    package static func memories(_ stored: [StoredToken], for configuration: ClientConfiguration) -> [SlotMemory] {
        let (owner, endpoint) = (configuration.tokenOwner, configuration.endpoint.url.text)
        return stored.filter { $0.clientID == owner && $0.tokenEndpoint == endpoint }.map { row in
            SlotMemory(
                target: row.slot.target,
                kept: KeptToken(token: row.token, refreshAge: row.refreshAge),
                lastAsked: row.lastAsked
            )
        }
    }

    /// What the slots know now, for the client that takes over from this one.
    package func memories() -> [SlotMemory] { slots.map { $0.memory() } }
}
