internal import LocalAPI
internal import LinuxHost
internal import OAuth2

/// An event in memory; it belongs to the trail's lock.
final class RecordedEvent {
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
    private(set) var last: Moment
    private(set) var pid: Int32
    private(set) var count: UInt64 = 1
    private var isEnded = false

    init(sequence: UInt64, subject: AuditSubject, pid: Int32, at now: Moment) {
        self.sequence = sequence
        self.subject = subject
        self.pid = pid
        first = now
        last = now
    }

    /// Whether what comes now still belongs to it.
    func isOpen(at now: Duration) -> Bool { !isEnded && now - first.sinceBoot < AuditTrail.window }

    func count(pid: Int32, at now: Moment) {
        self.pid = pid
        count += 1
        last = now
    }

    func end() { isEnded = true }

    var snapshot: Snapshot {
        Snapshot(sequence: sequence, subject: subject, pid: pid, first: first, last: last, count: count)
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
