internal import LocalAPI
internal import LinuxHost
internal import OAuth2
internal import Synchronization

/// An event in memory, which is counted each time that it comes again.
final class RecordedEvent: Sendable {
    /// An event as it stood when somebody looked.
    struct Snapshot: Sendable {
        let sequence: UInt64
        let subject: AuditSubject
        let pid: Int32
        let first: Moment
        let last: Moment
        let count: UInt64
    }

    let sequence: UInt64
    let subject: AuditSubject
    let first: Moment

    /// How often it came, and in the highest bit whether it has ended, so that one look tells both.
    private let tally = Atomic<UInt64>(1)
    private static let endedBit: UInt64 = 1 << 63

    private let latestPID: Atomic<Int32>
    private let last: Mutex<Moment>

    init(sequence: UInt64, subject: AuditSubject, pid: Int32, at now: Moment) {
        self.sequence = sequence
        self.subject = subject
        first = now
        last = Mutex(now)
        latestPID = Atomic(pid)
    }

    /// Counts what came now, unless it does not belong to the event any more.
    func countIfOpen(pid: Int32, at now: Moment) -> Bool {
        guard extend(to: now) else { return false }
        return countIfOpen(pid: pid)
    }

    /// Counts what came again within a second of its latest time.
    func countIfOpen(pid: Int32) -> Bool {
        var known = tally.load(ordering: .relaxed)
        while true {
            guard known & Self.endedBit == 0 else { return false }
            let (isCounted, now) = tally.weakCompareExchange(
                expected: known,
                desired: known + 1,
                ordering: .relaxed
            )
            if isCounted { break }
            known = now
        }
        if latestPID.load(ordering: .relaxed) != pid { latestPID.store(pid, ordering: .relaxed) }
        return true
    }

    /// Makes `now` its latest time; false when what comes now does not belong to it any more.
    func extend(to now: Moment) -> Bool {
        last.withLock { last in
            guard !isEnded, now.sinceBoot - first.sinceBoot < AuditTrail.window else { return false }
            last = now
            return true
        }
    }

    /// Nothing is counted from now on.
    func end() { _ = tally.bitwiseOr(Self.endedBit, ordering: .relaxed) }

    private var isEnded: Bool { tally.load(ordering: .relaxed) & Self.endedBit != 0 }

    var count: UInt64 { tally.load(ordering: .relaxed) & ~Self.endedBit }

    var snapshot: Snapshot {
        Snapshot(
            sequence: sequence,
            subject: subject,
            pid: latestPID.load(ordering: .relaxed),
            first: first,
            last: last.withLock { $0 },
            count: count
        )
    }
}

extension RecordedEvent.Snapshot {
    /// As an operator reads it.
    var document: AuditEvent {
        return AuditEvent(
            sequence: Int(sequence),
            event: subject.event,
            command: subject.command,
            writer: subject.writer,
            at: first.sinceEpoch.wholeSeconds,
            lastAt: last.sinceEpoch.wholeSeconds,
            count: Int(count),
            socket: subject.role.rawValue,
            caller: AuditEvent.Caller(
                uid: subject.uid,
                gid: subject.gid,
                pid: pid,
                unit: subject.unit.systemUnit,
                userUnit: subject.unit.userUnit,
                unitObstacle: subject.unit.obstacle?.rawValue
            ),
            client: subject.client,
            scope: subject.scope,
            audience: subject.audience,
            resource: subject.resource.isEmpty ? nil : subject.resource,
            allowed: subject.isAllowed,
            reason: subject.reason,
            rule: subject.rule,
            outcome: subject.outcome,
            cause: subject.trouble?.cause,
            likelyCause: subject.trouble?.likelyCause,
            remedy: subject.trouble?.remedy,
            token: subject.token?.text
        )
    }
}

extension UnitFinding {
    /// The name of a unit of the system's manager.
    var systemUnit: String? {
        if case .unit(.system(let name)) = self { name } else { nil }
    }

    /// The name of a unit of a user's own manager.
    var userUnit: String? {
        if case .unit(.user(let name, _)) = self { name } else { nil }
    }

    /// Why it cannot be told.
    var obstacle: UnitObstacle? {
        if case .unknown(let obstacle) = self { obstacle } else { nil }
    }
}
