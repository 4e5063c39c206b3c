internal import OAuth2

/// For how long an answer stays as it is: what it says changes once a second, and when the token is too old for the caller.
struct ServingWindow: Sendable {
    /// The wall clock is slewed by half a millisecond a second at most (adjtimex(2)); more is a step.
    private static let toleratedStep: Int64 = 100_000_000

    private static let second: Int64 = 1_000_000_000

    /// Whole seconds, rounded down; 0 for a token that does not expire.
    let expiresIn: Int

    private let begin: TimeSource.Ticks

    /// On CLOCK_BOOTTIME.
    private let end: Int64

    /// - Parameters:
    ///   - remaining: what is left of the token at `now`; nil when it does not expire.
    ///   - margin: what must be left for the caller.
    init(remaining: Duration?, margin: Duration, now: Moment) {
        begin = TimeSource.Ticks(now)
        guard let left = remaining?.wholeNanoseconds else {
            expiresIn = 0
            end = begin.sinceBoot + Self.second
            return
        }
        expiresIn = Int(left / Self.second)
        end = begin.sinceBoot + min(left % Self.second, left - margin.wholeNanoseconds)
    }

    /// Whether the answer at `now` is the same.
    func includes(_ now: TimeSource.Ticks) -> Bool {
        let elapsed = now.sinceBoot - begin.sinceBoot
        let step = now.sinceEpoch - begin.sinceEpoch - elapsed
        return elapsed >= 0 && now.sinceBoot <= end && abs(step) <= Self.toleratedStep
    }
}
