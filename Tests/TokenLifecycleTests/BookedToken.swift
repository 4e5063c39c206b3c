import OAuth2
import TokenLifecycle

/// A token as a walk's own books have it: what it is truly good for, reckoned anew.
struct BookedToken {
    /// What the machine was given, to the last bit.
    var kept: KeptToken

    /// By the server's latest word, whatever the machine was told; nil for never.
    let lifetime: Duration?

    /// When the request that this word answered was sent.
    let sent: Moment

    /// Whether the server said nothing of a lifetime.
    var isUnstated = false

    /// Whether the server had given it before.
    var isRepeated = false

    /// For a token of another boot: when this boot took it over, and how old it was then by the wall clock.
    var takenOver: (at: Duration, age: Duration)?

    /// Lives no longer than two seconds: it may go to those who wait for it, and to nobody else.
    var isBrief: Bool { lifetime.map { $0 <= .seconds(2) } ?? false }

    /// When its life began, by this boot's clock.
    var birth: Duration { takenOver.map { $0.at - $0.age } ?? sent.sinceBoot }

    /// How far the wall clock is ahead of this boot's clock since then.
    func lead(_ now: Moment) -> Duration { (now.sinceEpoch - sent.sinceEpoch) - (now.sinceBoot - birth) }

    /// What is left; nil when it does not expire.
    func life(_ now: Moment) -> Duration? {
        guard let lifetime else { return nil }
        let byBoot = now.sinceBoot - birth
        let byWall = now.sinceEpoch - sent.sinceEpoch
        // The wall clock counts where this boot did not see the beginning, and where it alone was set far ahead.
        let isWallHeard = takenOver != nil || lead(now) > .seconds(30)
        return lifetime - (isWallHeard ? max(byBoot, byWall) : byBoot)
    }

    /// What must be left for a caller that needs `minTTL`: less than a whole second is nothing to anybody.
    func need(_ minTTL: Duration?) -> Duration {
        guard let lifetime else { return .zero }
        return max(.seconds(1), minTTL ?? min(.seconds(10), lifetime / 10))
    }

    /// Whether it may be served from the cache.
    func serves(_ minTTL: Duration?, _ now: Moment) -> Bool {
        guard let life = life(now) else { return true }
        return !isBrief && life >= need(minTTL)
    }

    /// Whether a caller that waited for it may have it.
    func isEnough(_ minTTL: Duration?, _ now: Moment) -> Bool {
        guard isBrief, let life = life(now) else { return serves(minTTL, now) }
        return life > .zero && life >= minTTL ?? .zero
    }

    /// Whether the server said 0 of a token in its last second, which the machine was given as if it had said nothing.
    var isCalledZero: Bool { lifetime != kept.token.lifetime }

    /// Whether it is worth taking when it arrives.
    func isWorthTaking(_ now: Moment) -> Bool { !isCalledZero && isEnough(nil, now) }

    /// When the plan that was drawn for it says to refresh it; nil when it was not drawn or the token does not expire.
    var plannedRefresh: Duration? { lifetime == nil ? nil : kept.refreshAge.map { birth + $0 } }
}
