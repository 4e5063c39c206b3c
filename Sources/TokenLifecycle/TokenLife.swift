internal import OAuth2

/// A kept token on this boot's clocks: how old it is and what is left of it.
struct TokenLife: Sendable {
    let kept: KeptToken

    /// When the lifetime began; `sinceBoot` is negative for a token of before this boot.
    let birth: Moment

    /// Below this the wall clock is being corrected; above, somebody set it or the machine was moved in time.
    static let toleratedWallJump: Duration = .seconds(30)

    /// The most of a token's end that is kept back from callers who do not say what they need.
    static let longestDefaultMinTTL: Duration = .seconds(10)

    /// A token of this much or less is gone before it can be served twice.
    static let shortestCached: Duration = .seconds(2)

    /// Nil for a token of another boot when the wall clock stands before its receipt: its age cannot be known.
    init?(_ kept: KeptToken, boot: BootID, now: Moment) {
        self.kept = kept
        let receipt = kept.token.receipt
        if receipt.boot == boot {
            birth = receipt.moment
        } else {
            let age = now.sinceEpoch - receipt.moment.sinceEpoch
            guard age >= .zero else { return nil }
            birth = Moment(sinceBoot: now.sinceBoot - age, sinceEpoch: receipt.moment.sinceEpoch)
        }
    }

    var lifetime: Duration? { kept.token.lifetime }

    var isCacheable: Bool { lifetime.map { $0 > Self.shortestCached } ?? true }

    /// What is kept back from callers who do not say what they need: 10 s, or a tenth of a shorter lifetime.
    var defaultMinTTL: Duration {
        lifetime.map { min(Self.longestDefaultMinTTL, $0 / 10) } ?? .zero
    }

    /// Whether the wall clock ran ahead of the boot clock by more than a correction.
    func wallJumpedAhead(_ now: Moment) -> Bool {
        (now.sinceEpoch - birth.sinceEpoch) - (now.sinceBoot - birth.sinceBoot) > Self.toleratedWallJump
    }

    /// By the boot clock, and by both when the wall clock jumped ahead.
    func age(_ now: Moment) -> Duration {
        let age = now.sinceBoot - birth.sinceBoot
        return wallJumpedAhead(now) ? max(age, now.sinceEpoch - birth.sinceEpoch) : age
    }

    /// What is left; nil for a token that does not expire.
    func remaining(_ now: Moment) -> Duration? { lifetime.map { $0 - age(now) } }

    func isExpired(_ now: Moment) -> Bool { remaining(now).map { $0 < .seconds(1) } ?? false }

    /// Whether a caller that needs `minTTL` may have it; less than a second is nothing to anybody.
    func isUsable(minTTL: Duration?, _ now: Moment) -> Bool {
        guard let remaining = remaining(now) else { return true }
        return remaining >= max(minTTL ?? defaultMinTTL, .seconds(1))
    }

    /// When to replace it, on CLOCK_BOOTTIME; nil for never.
    func refreshDue(_ now: Moment) -> Duration? {
        guard let age = kept.refreshAge else { return nil }
        return wallJumpedAhead(now) ? now.sinceBoot : birth.sinceBoot + age
    }
}
