internal import OAuth2

/// A kept token on this boot's clocks: what is left of it, and when to refresh it.
///
/// Never changed, and so shared by all that hold it: a machine stays small, and each look at its token copies nothing.
final class HeldToken: Sendable {
    let kept: KeptToken

    /// From the receipt to the end; nil when it does not expire.
    let lifetime: Duration?

    /// What must be left for a caller who does not say what it needs: 10 s, or a tenth of a shorter lifetime.
    let defaultMinTTL: Duration

    /// When its lifetime began; before the boot, `sinceBoot` is negative.
    private let birth: Moment

    /// Whether it came in another boot, so that the wall clock is all there is to tell its age.
    private let isFromAnotherBoot: Bool

    /// What is left to callers who do not say what they need: enough for a request to arrive and be answered.
    static let longestDefaultMinTTL: Duration = .seconds(10)

    /// The share of a short lifetime that takes the place of `longestDefaultMinTTL`.
    private static let defaultMinTTLShare = 10

    /// The least that is worth handing out: in whole seconds, less is nothing.
    static let leastRemaining: Duration = .seconds(1)

    /// A token that lives no longer is over before it could be served twice.
    static let longestUncached: Duration = .seconds(2)

    /// How far the wall clock may run ahead of CLOCK_BOOTTIME before one of them is distrusted; time
    /// synchronisation steps by less, a person or a resumed virtual machine by more.
    static let toleratedWallJump: Duration = .seconds(30)

    /// Nil for a token of another boot when the wall clock is before its receipt: its age cannot be known.
    init?(_ kept: KeptToken, boot: BootID, now: Moment) {
        let receipt = kept.token.receipt
        isFromAnotherBoot = receipt.boot != boot
        if isFromAnotherBoot {
            let age = now.sinceEpoch - receipt.moment.sinceEpoch
            guard age >= .zero else { return nil }
            birth = Moment(sinceBoot: now.sinceBoot - age, sinceEpoch: receipt.moment.sinceEpoch)
        } else {
            birth = receipt.moment
        }
        self.kept = kept
        lifetime = kept.token.lifetime
        defaultMinTTL = lifetime.map { min(Self.longestDefaultMinTTL, $0 / Self.defaultMinTTLShare) } ?? .zero
    }

    /// Whether it lives long enough to be served from the cache.
    var isCacheable: Bool { lifetime.map { $0 > Self.longestUncached } ?? true }

    /// What is left of it when callers who do not say what they need are served no longer.
    var servingMargin: Duration { margin(minTTL: nil) }

    /// Whether the wall clock jumped forward alone: then only what both clocks allow is served, and a new token wanted.
    func wallJumpedAhead(_ now: Moment) -> Bool { wallAge(now) - bootAge(now) > Self.toleratedWallJump }

    /// What is left by the clocks that count; nil when it does not expire.
    func remaining(_ now: Moment) -> Duration? { lifetime.map { $0 - age(now) } }

    /// Whether a caller that needs `minTTL` may have it.
    func isUsable(minTTL: Duration?, _ now: Moment) -> Bool {
        guard let remaining = remaining(now) else { return true }
        return isCacheable && remaining >= margin(minTTL: minTTL)
    }

    /// What must be left of it for a caller that needs `minTTL`.
    func margin(minTTL: Duration?) -> Duration { max(minTTL ?? defaultMinTTL, Self.leastRemaining) }

    /// Whether no caller may have it any more, whatever little it needs.
    func isOver(_ now: Moment) -> Bool { !isUsable(minTTL: .zero, now) }

    /// The time since boot at which `share` will be left of it; nil when it does not expire.
    func time(whenLeft share: Duration, _ now: Moment) -> Duration? {
        remaining(now).map { now.sinceBoot + $0 - share }
    }

    /// The time since boot at which callers who do not say what they need are served no longer; nil for never.
    func servingEnd(_ now: Moment) -> Duration? {
        time(whenLeft: servingMargin, now)
    }

    /// The time since boot at which to refresh it ahead of its end; nil for never.
    func refreshDue(_ now: Moment) -> Duration? {
        if wallJumpedAhead(now) { return now.sinceBoot }
        guard let end = servingEnd(now) else { return nil }
        return kept.refreshAge.map { min(end, birth.sinceBoot + $0) } ?? end
    }

    private func bootAge(_ now: Moment) -> Duration { now.sinceBoot - birth.sinceBoot }

    private func wallAge(_ now: Moment) -> Duration { now.sinceEpoch - birth.sinceEpoch }

    private func age(_ now: Moment) -> Duration {
        let bootAge = max(bootAge(now), .zero)
        return isFromAnotherBoot || wallJumpedAhead(now) ? max(bootAge, wallAge(now)) : bootAge
    }
}
