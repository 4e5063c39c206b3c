/// Decides whether the service manager is to hear that the daemon lives: looks at it go in, what is at fault comes out.
///
/// Looks are counted, not timed, so that nothing is at fault after a time in which the whole machine, or the whole
/// process, was stopped. And a kill destroys what the disk did not take, so that the disk never is.
struct Heartbeat {
    /// So many looks in an interval of the watchdog: a fault lasts as long as that before it counts, and the daemon is
    /// given most of another interval to get over it.
    static let looksPerInterval = 4

    /// What keeps the beat back.
    enum Fault: String, Sendable, Equatable, CaseIterable, CustomStringConvertible {
        case socketLoop = "the socket loop does not turn"
        case refreshLoop = "the refresh loop does not turn"
        case store = "the store waits for a lock that nobody gives back"

        var description: String { rawValue }
    }

    /// What a look at the daemon shows. Both loops are woken after each.
    struct Look: Sendable {
        /// How often the loops have turned.
        var socketTurns: UInt64
        var refreshTurns: UInt64

        /// What the store is at.
        var work: [Work] = []

        struct Work: Sendable, Equatable {
            /// Tells one piece of work from the next.
            var number: UInt64

            /// Whether its thread waits for another thread, rather than for a disk or another process.
            var waitsForThread: Bool
        }
    }

    /// How many looks in a row have shown the same.
    private struct Standstill<Value: Equatable> {
        private var seen: Value?
        private var looks = 0

        /// Whether `value` has been there for an interval.
        mutating func lasts(_ value: Value) -> Bool {
            looks = value == seen ? min(looks + 1, looksPerInterval) : 0
            seen = value
            return looks == looksPerInterval
        }
    }

    private var socketTurns = Standstill<UInt64>()
    private var refreshTurns = Standstill<UInt64>()
    private var stuckWork = Standstill<UInt64?>()

    /// What keeps the beat back after this look; nothing when it is to go out.
    mutating func faults(in look: Look) -> [Fault] {
        var faults: [Fault] = []
        if socketTurns.lasts(look.socketTurns) { faults.append(.socketLoop) }
        if refreshTurns.lasts(look.refreshTurns) { faults.append(.refreshLoop) }
        // One that waits for a disk may hold what the others wait for.
        let isStuck = look.work.allSatisfy(\.waitsForThread)
        let oldest = isStuck ? look.work.map(\.number).min() : nil
        if stuckWork.lasts(oldest), oldest != nil { faults.append(.store) }
        return faults
    }
}
