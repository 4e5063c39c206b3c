internal import OAuth2
internal import Synchronization
internal import TokenStore

/// A client's slots beside its default one, in the order of their targets.
///
/// Those whose tokens the store kept sleep after a start, sealed and without a plan, until somebody looks at them, so
/// that thousands do not keep a daemon from being ready.
final class OtherSlots: Sendable {
    private struct State {
        /// What slots are to be made of; nil when they are.
        var asleep: SlotMemories?
        var slots: [TokenSlot] = []
    }

    private static let maximum = Client.maximumSlots - 1

    private let commons: TokenSlot.Commons
    private let state: Mutex<State>
    private let sleeps: Atomic<Bool>

    /// - Parameter policy: Who may ask for which of them.
    init(_ memories: SlotMemories, admittedBy policy: AccessPolicy, _ commons: TokenSlot.Commons) {
        self.commons = commons
        var first = State()
        if case .sealed(let tokens) = memories, !tokens.isEmpty {
            first.asleep = memories
        } else {
            first.slots = Self.slots(of: memories, admittedBy: policy, commons)
        }
        sleeps = Atomic(first.asleep != nil)
        state = Mutex(first)
    }

    /// Whether some were not made yet.
    var areAsleep: Bool { sleeps.load(ordering: .acquiring) }

    /// Makes those that sleep, and returns them; the caller makes their first plans.
    ///
    /// - Parameter policy: Who may ask for which of them; looked at when no other policy's `giveUp` can come between.
    func wake(admittedBy policy: () -> AccessPolicy) -> [TokenSlot] {
        state.withLock { state in
            guard let memories = state.asleep else { return [] }
            state.asleep = nil
            state.slots = Self.slots(of: memories, admittedBy: policy(), commons)
            sleeps.store(false, ordering: .releasing)
            return state.slots
        }
    }

    /// Gives up those that sleep.
    func forgetAsleep() {
        state.withLock { $0.asleep = nil }
        sleeps.store(false, ordering: .releasing)
    }

    /// Those that were made.
    var awake: [TokenSlot] { state.withLock { $0.slots } }

    private static func slots(
        of memories: SlotMemories,
        admittedBy policy: AccessPolicy,
        _ commons: TokenSlot.Commons
    ) -> [TokenSlot] {
        var memories = memories.all(for: commons)
        // Left warm, a scope that nobody may ask for any more would be asked for, and refused, for a day.
        memories.removeAll { memory in
            guard !policy.someoneMayAsk(memory.target) else { return false }
            commons.forgetStored(memory.target)
            return true
        }
        if memories.count > maximum {
            memories.sort { wasAskedLater($0.lastAsked?.moment, than: $1.lastAsked?.moment) }
            // Another scope may be the client's own by now, so that there is one too many.
            for memory in memories[maximum...] { commons.forgetStored(memory.target) }
            memories.removeSubrange(maximum...)
        }
        return memories.map { TokenSlot(for: $0.target, memory: $0, commons) }.sorted { $0.id.target < $1.id.target }
    }

    // MARK: One of them

    /// The slot for `target`, if it was made; `made` in its place when it was not, and nil when all places are taken and
    /// warm.
    func slot(for target: TokenTarget, orPut made: @autoclosure () -> TokenSlot) -> (slot: TokenSlot?, isNew: Bool) {
        if let slot = state.withLock({ $0.slots.first { $0.id.target == target } }) { return (slot, false) }
        let cold = state.withLock { $0.slots.count } < Self.maximum ? nil : coldest()
        let made = made()
        let (slot, evicted) = state.withLock { state -> (TokenSlot?, TokenSlot?) in
            if let slot = state.slots.first(where: { $0.id.target == target }) { return (slot, nil) }
            let evicted = state.slots.firstIndex { $0 === cold }.map { state.slots.remove(at: $0) }
            guard state.slots.count < Self.maximum else { return (nil, evicted) }
            let place = state.slots.firstIndex { target < $0.id.target } ?? state.slots.endIndex
            state.slots.insert(made, at: place)
            return (made, evicted)
        }
        if let evicted { giveUp([evicted]) }
        return (slot, slot === made)
    }

    /// Gives up those that nobody may ask for by `policy`.
    func giveUp(notAdmittedBy policy: AccessPolicy) {
        giveUp(
            state.withLock { state in
                let unused = state.slots.filter { !policy.someoneMayAsk($0.id.target) }
                state.slots.removeAll { slot in unused.contains { $0 === slot } }
                return unused
            }
        )
    }

    private func giveUp(_ slots: [TokenSlot]) {
        for slot in slots {
            slot.removed()
            commons.surroundings.keeper.remove(slot.id)
        }
    }

    /// Of the slots whose places may be given to others the one that nobody has asked for the longest.
    private func coldest() -> TokenSlot? {
        awake.filter(\.isEvictable)
            .min { Self.wasAskedLater($1.lastAsked()?.moment, than: $0.lastAsked()?.moment) }
    }

    /// By the wall clock, which restarts do not set back; what nobody ever asked for comes last.
    private static func wasAskedLater(_ left: Moment?, than right: Moment?) -> Bool {
        guard let left else { return false }
        return right.map { left.sinceEpoch > $0.sinceEpoch } ?? true
    }
}
