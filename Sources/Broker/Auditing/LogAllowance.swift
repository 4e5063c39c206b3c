/// How many lines of the log each user may cause, and the refusals of all users together, so that none fills it for all.
///
/// Who has subordinate users has as many as it likes, which is why refusals are bounded over all of them too.
struct LogAllowance {
    /// Whose lines are counted together.
    enum Source: Sendable, Hashable {
        case user(UInt32)
        case refusals

        /// A start of a thousand clients' callers; and few enough that other lines have room in `LogRates.tokenbroker`.
        fileprivate var burst: Int { self == .refusals ? LogAllowance.burstOfRefusals : LogAllowance.burst }
    }

    static let burst = 1_000
    static let burstOfRefusals = 2_000

    /// Lines that come back in a second.
    static let perSecond = 2

    private struct Used {
        var lines = 0
        var at: Duration
        var unlogged: UInt64 = 0

        mutating func giveBack(at now: Duration) {
            let back = Int((now - at).components.seconds) * LogAllowance.perSecond
            guard back > 0 else { return }
            lines = max(0, lines - back)
            at = now
        }
    }

    private var used: [Source: Used] = [:]

    /// Whether one more line about `subject` is written; an operator's command has a share of the log that no caller can
    /// use up.
    mutating func take(for subject: AuditSubject, at now: Duration) -> Bool {
        if subject.command != nil, subject.isAllowed { return true }
        let isTaken = take(.user(subject.uid), at: now)
        guard isTaken, !subject.isAllowed else { return isTaken }
        return take(.refusals, at: now)
    }

    private mutating func take(_ source: Source, at now: Duration) -> Bool {
        var used = used[source] ?? Used(at: now)
        used.giveBack(at: now)
        let isTaken = used.lines < source.burst
        if isTaken { used.lines += 1 } else { used.unlogged += 1 }
        self.used[source] = used
        return isTaken
    }

    /// How many lines of whom were not written since the last time; users with nothing to give back are forgotten.
    mutating func takeUnlogged(at now: Duration) -> [(source: Source, count: UInt64)] {
        var unlogged: [(source: Source, count: UInt64)] = []
        for (source, before) in used {
            if before.unlogged > 0 { unlogged.append((source, before.unlogged)) }
            var after = before
            after.unlogged = 0
            after.giveBack(at: now)
            used[source] = after.lines > 0 ? after : nil
        }
        return unlogged
    }
}
