internal import LocalAPI
internal import OAuth2

/// For how long an answer stays as it is: what it says changes once a second, and when the token is too old for the caller.
struct ServingWindow: Sendable {
    /// Whole seconds, rounded down; 0 for a token that does not expire.
    let expiresIn: DecimalText

    /// Both on CLOCK_BOOTTIME. A wall clock that jumps is seen when the second is over.
    private let begin: Duration
    private let end: Duration

    /// - Parameters:
    ///   - remaining: what is left of the token at `now`; nil when it does not expire.
    ///   - margin: what must be left for the caller.
    init(remaining: Duration?, margin: Duration, now: Moment) {
        begin = now.sinceBoot
        guard let remaining else {
            expiresIn = DecimalText(0)
            end = begin + .seconds(1)
            return
        }
        let (seconds, attoseconds) = remaining.components
        expiresIn = DecimalText(Int(seconds))
        end = begin + min(Duration(secondsComponent: 0, attosecondsComponent: attoseconds), remaining - margin)
    }

    /// Whether the answer is the same at `now`, since boot.
    func includes(_ now: Duration) -> Bool { begin <= now && now <= end }
}
