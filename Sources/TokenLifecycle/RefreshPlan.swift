/// When a token is refreshed, decided once, when it arrives.
package enum RefreshPlan {
    /// How far jitter moves the refresh either way, as a share of the lifetime: tokens fetched together at start
    /// would otherwise be refreshed together ever after.
    package static let jitterShare = 0.05

    /// The earliest share of the lifetime that a refresh may be planned at, whatever is configured: a token that is
    /// refreshed as it arrives would be asked for without end.
    package static let earliestShare = 0.05

    /// The latest share of the lifetime that a refresh may be planned at, whatever is configured.
    package static let latestShare = 0.95

    /// The age, in whole milliseconds, at which a token of `lifetime` is refreshed, with `jitter` within -1 … 1; nil when it does not expire.
    ///
    /// The shell draws the jitter when the token arrives and stores the age with it; it is never drawn again.
    package static func refreshAge(lifetime: Duration?, refreshAt: Double, jitter: Double) -> Duration? {
        guard let lifetime else { return nil }
        let share = refreshAt + jitterShare * max(-1, min(1, jitter))
        let milliseconds = Double(lifetime.components.seconds) * 1_000 * max(earliestShare, min(latestShare, share))
        return .milliseconds(Int64(milliseconds.rounded()))
    }
}
