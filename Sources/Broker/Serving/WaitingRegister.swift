internal import LocalServer
internal import Synchronization
internal import TokenLifecycle

/// Who waits for a token, by user and by connection.
final class WaitingRegister: Sendable {
    /// A user's share of waiting fetches; beyond, one process would hold the broker's memory.
    static let maximumPerUser = 1024

    private struct Wait {
        let slot: TokenSlot
        let waiter: WaiterID
    }

    private struct State {
        var countByUser: [UInt32: Int] = [:]
        var waits: [ConnectionID: Wait] = [:]
        var lastWaiter: UInt64 = 0
        var isStopping = false
    }

    private let state = Mutex(State())

    /// Takes a place for the caller on `connection`; nil when its user has no place left.
    func begin(uid: UInt32, connection: ConnectionID, slot: TokenSlot) -> WaiterID? {
        state.withLock { state in
            guard state.countByUser[uid, default: 0] < Self.maximumPerUser else { return nil }
            state.countByUser[uid, default: 0] += 1
            state.lastWaiter += 1
            let waiter = WaiterID(state.lastWaiter)
            state.waits[connection] = Wait(slot: slot, waiter: waiter)
            return waiter
        }
    }

    /// Ends every wait that begins from now on.
    func stop() { state.withLock { $0.isStopping = true } }

    /// Ends a wait that began when all were being ended; to be called once it is in its slot, where it is found else.
    func endIfStopping(_ waiter: WaiterID, in slot: TokenSlot) {
        if state.withLock({ $0.isStopping }) { slot.stopWaiting(waiter, because: .stopping) }
    }

    /// Gives the place back.
    func end(uid: UInt32, connection: ConnectionID) {
        state.withLock { state in
            state.waits[connection] = nil
            let left = state.countByUser[uid, default: 1] - 1
            state.countByUser[uid] = left > 0 ? left : nil
        }
    }

    /// The caller hung up; its wait ends, and the token request goes on.
    func connectionClosed(_ connection: ConnectionID) {
        let wait = state.withLock { $0.waits[connection] }
        wait?.slot.stopWaiting(wait!.waiter, because: .hungUp)
    }
}
