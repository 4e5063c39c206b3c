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

    private struct Progress {
        var last: Moment
        var pid: Int32
        var count: UInt64 = 1
        var isEnded = false
    }

    private let progress: Mutex<Progress>

    init(sequence: UInt64, subject: AuditSubject, pid: Int32, at now: Moment) {
        self.sequence = sequence
        self.subject = subject
        first = now
        progress = Mutex(Progress(last: now, pid: pid))
    }

    /// Counts what came now, unless it does not belong to the event any more.
    func countIfOpen(pid: Int32, at now: Moment) -> Bool {
        progress.withLock { progress in
            guard !progress.isEnded, now.sinceBoot - first.sinceBoot < AuditTrail.window else { return false }
            progress.pid = pid
            progress.count += 1
            progress.last = now
            return true
        }
    }

    /// Counts what came again within a second of its latest time.
    func countIfOpen(pid: Int32) -> Bool {
        progress.withLock { progress in
            guard !progress.isEnded else { return false }
            progress.pid = pid
            progress.count += 1
            return true
        }
    }

    /// Makes `now` its latest time; false when what comes now does not belong to it any more.
    func extend(to now: Moment) -> Bool {
        progress.withLock { progress in
            guard !progress.isEnded, now.sinceBoot - first.sinceBoot < AuditTrail.window else { return false }
            progress.last = now
            return true
        }
    }

    func end() { progress.withLock { $0.isEnded = true } }

    var count: UInt64 { progress.withLock { $0.count } }

    var snapshot: Snapshot {
        let progress = progress.withLock { $0 }
        return Snapshot(
            sequence: sequence,
            subject: subject,
            pid: progress.pid,
            first: first,
            last: progress.last,
            count: progress.count
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
