internal import HeapModule
internal import Synchronization

/// What is due when: one heap for every slot, waiting caller, server and stream.
///
/// Passive, so that tests fire it by hand; `RefreshLoop` is the thread that does so in the daemon.
package final class Deadlines: Sendable {
    private struct Entry: Comparable {
        let deadline: Duration
        let timer: UInt64
        let version: UInt64

        static func < (left: Entry, right: Entry) -> Bool {
            (left.deadline, left.version) < (right.deadline, right.version)
        }
    }

    private struct Armed {
        let version: UInt64
        let action: @Sendable () -> Void
    }

    private struct State {
        var heap = Heap<Entry>()
        var armed: [UInt64: Armed] = [:]
        var lastTimer: UInt64 = 0
        var lastVersion: UInt64 = 0
        var onEarlier: @Sendable () -> Void = {}
    }

    private let state = Mutex(State())

    package init() {}

    /// Calls `wake` whenever a deadline becomes the earliest, so that a sleeping loop can look again.
    package func onEarlierDeadline(_ wake: @escaping @Sendable () -> Void) {
        state.withLock { $0.onEarlier = wake }
    }

    /// A timer that runs `action` each time a deadline set on it is reached.
    package func timer(_ action: @escaping @Sendable () -> Void) -> DeadlineTimer {
        let id = state.withLock { state in
            state.lastTimer += 1
            return state.lastTimer
        }
        return DeadlineTimer(id: id, action: action, deadlines: self)
    }

    /// The earliest deadline, on CLOCK_BOOTTIME; nil when nothing is due ever.
    package var next: Duration? {
        state.withLock { state in
            Self.dropStale(&state)
            return state.heap.min?.deadline
        }
    }

    /// Runs the action of every timer whose deadline is at or before `now`, earliest first.
    package func fire(now: Duration) {
        while let action = state.withLock({ Self.popDue(&$0, now: now) }) { action() }
    }

    fileprivate func set(_ timer: DeadlineTimer, at deadline: Duration) {
        let wake: (@Sendable () -> Void)? = state.withLock { state in
            state.lastVersion += 1
            state.armed[timer.id] = Armed(version: state.lastVersion, action: timer.action)
            let isEarliest = state.heap.min.map { deadline < $0.deadline } ?? true
            state.heap.insert(Entry(deadline: deadline, timer: timer.id, version: state.lastVersion))
            Self.compact(&state)
            return isEarliest ? state.onEarlier : nil
        }
        wake?()
    }

    fileprivate func cancel(_ timer: DeadlineTimer) {
        state.withLock { _ = $0.armed.removeValue(forKey: timer.id) }
    }

    private static func popDue(_ state: inout State, now: Duration) -> (@Sendable () -> Void)? {
        dropStale(&state)
        guard let first = state.heap.min, first.deadline <= now else { return nil }
        state.heap.removeMin()
        return state.armed.removeValue(forKey: first.timer)?.action
    }

    /// Entries of timers that were set anew or cancelled stay in the heap until they surface here.
    private static func dropStale(_ state: inout State) {
        while let first = state.heap.min, state.armed[first.timer]?.version != first.version {
            state.heap.removeMin()
        }
    }

    private static func compact(_ state: inout State) {
        guard state.heap.count > 2 * state.armed.count + 64 else { return }
        let armed = state.armed
        state.heap = Heap(state.heap.unordered.filter { armed[$0.timer]?.version == $0.version })
    }
}

/// One thing that may become due; at most one deadline stands at a time.
package struct DeadlineTimer: Sendable {
    fileprivate let id: UInt64
    fileprivate let action: @Sendable () -> Void
    private let deadlines: Deadlines

    fileprivate init(id: UInt64, action: @escaping @Sendable () -> Void, deadlines: Deadlines) {
        self.id = id
        self.action = action
        self.deadlines = deadlines
    }

    /// Replaces the deadline by `deadline`, on CLOCK_BOOTTIME.
    package func set(at deadline: Duration) { deadlines.set(self, at: deadline) }

    /// Takes the deadline back.
    package func cancel() { deadlines.cancel(self) }
}
