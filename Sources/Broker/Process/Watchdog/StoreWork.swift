internal import LinuxHost
internal import Synchronization
internal import TokenStore

/// What the store is at now, and which threads do it.
package final class StoreWork: Sendable {
    /// A piece of work that is not done.
    struct Piece: Sendable {
        let number: UInt64
        let thread: KernelThread
        let activity: TokenStore.Activity
        /// On a clock that stands while the machine sleeps.
        let began: SuspendingClock.Instant
    }

    private struct State {
        var last: UInt64 = 0
        var pieces: [Piece] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// The calling thread begins a piece of work, or, with nil, ends the one that it is at.
    func note(_ activity: TokenStore.Activity?) {
        let thread = KernelThread.current
        let now = SuspendingClock().now
        state.withLock { state in
            if let activity {
                state.last += 1
                state.pieces.append(Piece(number: state.last, thread: thread, activity: activity, began: now))
            } else {
                state.pieces.removeAll { $0.thread == thread }
            }
        }
    }

    /// The pieces of work that are not done, the oldest first.
    var pieces: [Piece] { state.withLock { $0.pieces } }
}

extension [StoreWork.Piece] {
    /// The one that the database's other work waits for.
    var transaction: StoreWork.Piece? { first { $0.activity == .transaction } }
}
