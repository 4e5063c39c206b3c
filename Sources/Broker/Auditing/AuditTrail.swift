internal import LinuxHost
internal import LocalServer
internal import Logging
internal import OAuth2
internal import Synchronization

/// What was decided about callers and operators: the latest events in memory, each in the log too.
///
/// Called on the sockets' thread for every decision, so what repeats itself on a connection costs one look-up.
final class AuditTrail: Sendable {
    /// Some hours of a busy machine; about 2 MiB.
    static let capacity = 4_096

    /// What comes again within this time is counted in the same event.
    static let window: Duration = .seconds(3_600)

    /// What a decision had in hand; when the next on the same connection has the same, nothing is new.
    enum Repeat: Sendable, Equatable {
        case served(slot: ObjectIdentifier, TokenFingerprint, AccessDecision, UnitFinding)
        case refused(AuditSubject.Action, client: String, AuditSubject.Verdict, UnitFinding)
    }

    private struct Latest {
        let key: Repeat?
        let event: RecordedEvent
    }

    private struct State {
        var events = AuditRing(capacity: AuditTrail.capacity)
        var latest: [ConnectionID: Latest] = [:]
        var allowance = LogAllowance()

        /// Those of `events` that their users may have logged; an end is a line as a beginning is.
        mutating func allowed(_ events: [RecordedEvent.Snapshot], at now: Duration) -> [RecordedEvent.Snapshot] {
            events.filter { allowance.take(for: $0.subject, at: now) }
        }
    }

    private let state = Mutex(State())
    private let listeners = Mutex<[UInt64: @Sendable () -> Void]>([:])
    private let time: TimeSource
    private let log: AuditLog

    init(time: TimeSource, logger: Logger) {
        self.time = time
        log = AuditLog(logger: logger)
    }

    // MARK: Recording

    /// Counts one more of what the connection did before, and returns its event; nil when it did something else.
    ///
    /// - Parameter now: nil for the time it is.
    func countRepeat(_ key: Repeat, by caller: Caller, at now: Moment? = nil) -> RecordedEvent? {
        let latest = state.withLock { state -> RecordedEvent? in
            guard let latest = state.latest[caller.connection], latest.key == key else { return nil }
            return latest.event
        }
        guard let latest, latest.countIfOpen(pid: caller.peer.pid, at: now ?? time.now()) else { return nil }
        return latest
    }

    /// Records a decision about `caller`, and returns the event that it is counted in; `key` lets its repeats on the same
    /// connection be counted at once.
    @discardableResult
    func record(_ subject: AuditSubject, caller: Caller, repeating key: Repeat? = nil) -> RecordedEvent {
        let now = time.now()
        typealias New = (event: RecordedEvent.Snapshot, isLogged: Bool, ended: [RecordedEvent.Snapshot])
        let (event, new) = state.withLock { state -> (RecordedEvent, New?) in
            let (event, isNew) = state.events.record(subject, pid: caller.peer.pid, at: now)
            // What is remembered goes with the connection, which must be there.
            if !caller.isIdentified { state.latest[caller.connection] = Latest(key: key, event: event) }
            guard isNew else { return (event, nil) }
            let ended = state.allowed(state.events.takeCounted(), at: now.sinceBoot)
            return (event, (event.snapshot, state.allowance.take(for: subject, at: now.sinceBoot), ended))
        }
        guard let new else { return event }
        for event in new.ended { log.ended(event) }
        if new.isLogged { log.began(new.event) }
        for listener in listeners.withLock({ Array($0.values) }) { listener() }
        return event
    }

    /// The unit that was recorded last for a caller, which costs less than to look it up.
    func unit(of caller: Caller) -> UnitFinding {
        state.withLock { $0.latest[caller.connection]?.event.subject.unit } ?? caller.recordedUnit
    }

    /// Records that another process wrote to `caller`'s connection; nil where the kernel named none.
    func recordForeignWriter(_ writer: PeerWriter?, of caller: Caller) {
        let text = writer.map { "uid \($0.uid) pid \($0.pid)" } ?? "unknown, with descriptors"
        record(
            AuditSubject(.write(by: text), by: caller, unit: caller.recordedUnit, verdict: .writtenByOther),
            caller: caller
        )
    }

    func connectionClosed(_ connection: ConnectionID) {
        state.withLock { _ = $0.latest.removeValue(forKey: connection) }
    }

    /// Ends the events whose time is over, and logs how often they came; to be called now and then.
    ///
    /// - Parameter isLast: whether the broker stops, so that the time of all of them is over.
    func sweep(isLast: Bool = false) {
        let now = time.now().sinceBoot
        let (ended, unlogged) = state.withLock { state in
            let ended = state.events.end(before: isLast ? now : now - Self.window).filter { $0.count > 1 }
            return (state.allowed(ended, at: now), state.allowance.takeUnlogged(at: now))
        }
        for event in ended { log.ended(event) }
        for (source, count) in unlogged { log.fellSilent(source, count: count) }
    }

    // MARK: Reading

    /// At most `limit` events after number `sequence`, the oldest first.
    func events(after sequence: UInt64, limit: Int = AuditTrail.capacity) -> [RecordedEvent.Snapshot] {
        state.withLock { $0.events.after(sequence, limit: limit) }
    }

    /// The number of the latest event, and how many were forgotten for want of room.
    var extent: (last: UInt64, forgotten: UInt64) { state.withLock { ($0.events.last, $0.events.forgotten) } }

    /// Calls `listener` at each new event until `stopListening`.
    func listen(as id: UInt64, _ listener: @escaping @Sendable () -> Void) {
        listeners.withLock { $0[id] = listener }
    }

    func stopListening(_ id: UInt64) { listeners.withLock { _ = $0.removeValue(forKey: id) } }
}
