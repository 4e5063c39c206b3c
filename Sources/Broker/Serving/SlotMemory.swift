package import OAuth2
internal import Logging
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

/// What a client's slots begin with.
package enum SlotMemories: Sendable {
    /// What the slots knew that these take over from.
    case known([SlotMemory])

    /// What the store kept, to be opened when it is wanted.
    case sealed(SealedTokens)

    /// Nothing.
    package static var none: SlotMemories { .known([]) }

    /// Takes that of the slot for `target` out; nil when there is none that `commons` may have.
    mutating func take(_ target: TokenTarget, for commons: TokenSlot.Commons) -> SlotMemory? {
        switch self {
        case .known(var memories):
            guard let place = memories.firstIndex(where: { $0.target == target }) else { return nil }
            let memory = memories.remove(at: place)
            self = .known(memories)
            return memory
        case .sealed(var tokens):
            let taken = tokens.take(target)
            self = .sealed(tokens)
            return Self.memories(taken, for: commons).first
        }
    }

    /// All of them.
    func all(for commons: TokenSlot.Commons) -> [SlotMemory] {
        switch self {
        case .known(let memories): memories
        case .sealed(let tokens): Self.memories(tokens.opened(), for: commons)
        }
    }

    /// What could be opened, leaving out tokens that were got with another client_id or elsewhere; what could not is
    /// reported, and left where it is.
    private static func memories(_ stored: StoredTokens, for commons: TokenSlot.Commons) -> [SlotMemory] {
        for row in stored.unreadable { commons.surroundings.logger.write(row) }
        let (owner, endpoint) = (commons.configuration.tokenOwner, commons.configuration.endpoint.url.text)
        return stored.tokens.filter { $0.clientID == owner && $0.tokenEndpoint == endpoint }.map { row in
            SlotMemory(
                target: row.slot.target,
                kept: KeptToken(token: row.token, refreshAge: row.refreshAge),
                lastAsked: row.lastAsked
            )
        }
    }
}

extension Logger {
    /// Reports a stored token that cannot be had.
    func write(_ row: UnreadableToken) {
        write(.storedTokenUnreadable, ["client": "\(row.client ?? "unknown")", "reason": "\(row.reason.rawValue)"])
    }
}
