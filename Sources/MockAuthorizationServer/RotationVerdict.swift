/// What the ledger of a server says about how a client keeps its refresh tokens.
package struct RotationVerdict: Sendable, Equatable {
    /// Presented although a later one of the same login had been presented before.
    package let stale: [RefreshPresentation]

    /// Presented although the server had refused the same one before.
    package let afterRefusal: [RefreshPresentation]

    /// How often a single token was presented after it was spent, at the most.
    package let maximumReplaysPerToken: Int

    /// Whether the family of the client's latest login is revoked.
    package let familyIsRevoked: Bool

    /// The verdict on `presentations`, in the order in which they were judged, of `tokens`.
    package init(presentations: [RefreshPresentation], tokens: [IssuedRefreshToken]) {
        var stale: [RefreshPresentation] = []
        var afterRefusal: [RefreshPresentation] = []
        var replays: [String: Int] = [:]
        var latest: [Int: Int] = [:]
        var refused: Set<String> = []
        for presentation in presentations {
            if let family = presentation.family, let generation = presentation.generation {
                if generation < latest[family, default: 0] { stale.append(presentation) }
                latest[family] = max(latest[family, default: 0], generation)
            }
            let token = presentation.token.exposed
            if refused.contains(token) { afterRefusal.append(presentation) }
            if presentation.judgement.isRefused { refused.insert(token) }
            if presentation.judgement.isReplay { replays[token, default: 0] += 1 }
        }
        self.stale = stale
        self.afterRefusal = afterRefusal
        maximumReplaysPerToken = replays.values.max() ?? 0
        familyIsRevoked = tokens.max { $0.family < $1.family }?.isRevoked ?? false
    }
}
