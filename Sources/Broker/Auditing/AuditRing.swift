internal import OAuth2

/// The latest events, so many in all; for a new one the oldest goes of the user who has the most.
///
/// So a caller that fills it with its refusals pushes out its own, and not what others did before it came.
struct AuditRing {
    private let capacity: Int
    private var events: [UInt64: RecordedEvent] = [:]
    private var open: [AuditSubject: RecordedEvent] = [:]
    private var byUser: [UInt32: Queue] = [:]
    private(set) var last: UInt64 = 0
    private(set) var forgotten: UInt64 = 0

    /// Those that were counted, and made room or place for others since they were last taken.
    private var counted: [RecordedEvent.Snapshot] = []

    /// A user's events, the oldest first; what is before `start` is gone.
    private struct Queue {
        var sequences: [UInt64] = []
        var start = 0

        var count: Int { sequences.count - start }

        mutating func removeFirst() -> UInt64 {
            defer {
                start += 1
                if start > sequences.count / 2 {
                    sequences.removeFirst(start)
                    start = 0
                }
            }
            return sequences[start]
        }
    }

    init(capacity: Int) { self.capacity = capacity }

    /// Counts `subject` in its event, or begins one.
    mutating func record(
        _ subject: AuditSubject,
        pid: Int32,
        at now: Moment
    ) -> (event: RecordedEvent, isNew: Bool) {
        if let event = open[subject], event.countIfOpen(pid: pid, at: now) { return (event, false) }
        if events.count >= capacity { forgetOne() }
        last += 1
        let event = RecordedEvent(sequence: last, subject: subject, pid: pid, at: now)
        if let before = open.updateValue(event, forKey: subject) { end(before) }
        events[last] = event
        byUser[subject.uid, default: Queue()].sequences.append(last)
        return (event, true)
    }

    private mutating func forgetOne() {
        // Of users with as many the one with the largest number: those of the system and of people come before any that
        // somebody may take as many of as he likes, as of subordinate ones.
        guard let uid = byUser.max(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) })?.key,
            let sequence = byUser[uid]?.removeFirst()
        else { return }
        if byUser[uid]?.count == 0 { byUser[uid] = nil }
        guard let event = events.removeValue(forKey: sequence) else { return }
        if open[event.subject] === event {
            open[event.subject] = nil
            end(event)
        }
        forgotten += 1
    }

    private mutating func end(_ event: RecordedEvent) {
        event.end()
        if event.count > 1 { counted.append(event.snapshot) }
    }

    /// The events that were counted more than once and ended otherwise than by `end(before:)`, each once.
    mutating func takeCounted() -> [RecordedEvent.Snapshot] {
        guard !counted.isEmpty else { return [] }
        defer { counted = [] }
        return counted
    }

    /// Ends the events that began before `time`, and returns them.
    mutating func end(before time: Duration) -> [RecordedEvent.Snapshot] {
        let over = open.values.filter { $0.first.sinceBoot <= time }.sorted { $0.sequence < $1.sequence }
        for event in over {
            event.end()
            open[event.subject] = nil
        }
        return over.map(\.snapshot)
    }

    /// At most `limit` events with a number greater than `sequence`, the oldest first.
    func after(_ sequence: UInt64, limit: Int) -> [RecordedEvent.Snapshot] {
        events.keys.filter { $0 > sequence }.sorted().prefix(limit).compactMap { events[$0]?.snapshot }
    }
}
