import OAuth2
import TokenLifecycle

extension SlotBooks {
    /// What callers reported of a slot's tokens, and what was done about it.
    struct Reports {
        /// When a report counted last, and for which token.
        private(set) var last: (at: Duration, value: Secret)?

        /// Whether the server gave that token since.
        private(set) var isGivenAgain = false

        mutating func tokenCame(_ value: Secret) {
            if last?.value == value { isGivenAgain = true }
        }

        mutating func counted(_ value: Secret, at time: Duration) { (last, isGivenAgain) = ((time, value), false) }

        func isRecent(_ now: Duration) -> Bool { last.map { now - $0.at < .seconds(60) } ?? false }

        func isVain(_ value: Secret) -> Bool { isGivenAgain && last?.value == value }
    }

    /// Holds what the machine made of a report of `value` against what stands: each answer has its reason, and one that
    /// calls for an attempt has every leave.
    mutating func reported(_ value: Secret, mayForce: Bool, _ outcome: RejectionOutcome, _ actions: [Action]) throws {
        tally.reports[outcome, default: 0] += 1
        let isCurrent = !isRemoved && (published.map { $0.kept.token.value == value && $0.serves(.zero, now) } ?? false)
        let isTrue =
            switch outcome {
            case .notCurrent: !isCurrent
            case .alreadyUnderWay: isCurrent && (inFlight != nil || isExcused || isReported)
            case .sameTokenAgain: isCurrent && reports.isVain(value)
            case .serverLeftAlone: isCurrent && failure != nil
            case .tooSoon: isCurrent && reports.isRecent(now.sinceBoot)
            case .callerLimit: isCurrent && !mayForce
            case .refreshing:
                isCurrent && mayForce && inFlight == nil && !reports.isVain(value) && !reports.isRecent(now.sinceBoot)
            }
        guard isTrue else { throw BrokenPromise("a report was answered \(outcome.rawValue)") }
        guard outcome == .refreshing else {
            guard actions == [] else { throw BrokenPromise("a report that is \(outcome.rawValue) changed something") }
            return
        }
        reports.counted(value, at: now.sinceBoot)
        (isReported, lastAsked) = (true, now)
        try took(actions)
    }
}
