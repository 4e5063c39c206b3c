internal import OAuth2
internal import Synchronization
package import TokenStore

/// Writes to the store what is to survive a restart, one thing after the other, and knows what is not written.
///
/// A disk that fails or stalls raises the alarm and costs no caller a token: who saves does not wait for it for long.
package final class TokenKeeper: Sendable {
    /// Longer than a disk at work takes, shorter than callers wait.
    package static let writePatience: Duration = .seconds(1)

    private typealias Signal = AsyncStream<Void>.Continuation

    private enum Write: Sendable {
        case token(TokenSlotID)
        case lastAsked
        case removal(TokenSlotID)
        case removals(ClientName)
        case mark(Signal)
    }

    /// A token that is to be written, the latest of its slot, and who waits for that.
    private struct Pending {
        var token: StoredToken
        var waiting: [Signal]
    }

    private struct State {
        var pending: [TokenSlotID: Pending] = [:]

        /// Tokens that are being written, or whose latest write failed.
        var failed: Set<TokenSlotID> = []
        var lastAsked: [TokenSlotID: Receipt] = [:]

        /// Whether the store took no intent to present a refresh token, the last time.
        var isRefusingIntents = false

        /// Whether the alarm was raised because the store is long at its work.
        var isStalled = false
    }

    /// Longer than the store waits for another process's lock; where a token waits, the alarm is raised sooner.
    private static let longestWork: Duration = .seconds(6)

    private final class Books: Sendable {
        let state = Mutex(State())
    }

    private let alarms: Alarms
    private let writePatience: Duration
    private let books = Books()
    private let writes: AsyncStream<Write>.Continuation

    /// - Parameter writePatience: How long `save` waits for the disk.
    package init(store: TokenStore, alarms: Alarms, writePatience: Duration = TokenKeeper.writePatience) {
        self.alarms = alarms
        self.writePatience = writePatience
        let (queue, writes) = AsyncStream<Write>.makeStream()
        self.writes = writes
        // Of itself, so that a write goes on when whoever asked for it is gone; it ends with this object.
        Task { [books] in
            for await write in queue { await Self.perform(write, books, store, alarms) }
        }
    }

    deinit { writes.finish() }

    /// Writes `token` in place of its slot's; returns when it is durable, could not be written, or takes too long.
    func save(_ token: StoredToken) async {
        let (end, signal) = AsyncStream<Void>.makeStream()
        enqueue(token, signal)
        guard await !end.isOver(within: writePatience), !Task.isCancelled else { return }
        alarms.raise(
            .storeWriteFailed,
            "the database has taken no write for \(writePatience.components.seconds) s; tokens are served from memory"
        )
        // It may have been written while the alarm was being raised.
        Self.clearAlarm(alarms, books)
    }

    /// Writes `token` once more, unless it is about to be written.
    func saveAgain(_ token: StoredToken) {
        guard books.state.withLock({ $0.failed.contains(token.slot) && $0.pending[token.slot] == nil }) else { return }
        enqueue(token, nil)
    }

    private func enqueue(_ token: StoredToken, _ signal: Signal?) {
        let signals = signal.map { [$0] } ?? []
        let isQueued = books.state.withLock { state in
            let waiting = state.pending[token.slot]?.waiting
            state.pending[token.slot] = Pending(token: token, waiting: (waiting ?? []) + signals)
            return waiting != nil
        }
        if !isQueued { writes.yield(.token(token.slot)) }
    }

    /// Somebody else could not write this token: it is to be tried again.
    func noteUnsaved(_ token: StoredToken) { books.state.withLock { _ = $0.failed.insert(token.slot) } }

    /// Somebody else wrote this token, or one that came after it.
    func noteSaved(_ token: StoredToken) { books.state.withLock { _ = $0.failed.remove(token.slot) } }

    /// The store took no intent to present a refresh token, for `reason`.
    func intentRefused(_ reason: String) {
        books.state.withLock { $0.isRefusingIntents = true }
        alarms.raise(.storeWriteFailed, reason)
    }

    /// Whether it is not known that the store takes intents again.
    var isRefusingIntents: Bool { books.state.withLock { $0.isRefusingIntents } }

    /// A write that changes the database succeeded: the alarm ends, unless a token is still to be written.
    func writeSucceeded() {
        books.state.withLock { $0.isRefusingIntents = false }
        Self.clearAlarm(alarms, books)
    }

    /// The store has been at one piece of work for `time`; nil when it is at none that lasts.
    func noteStoreAtWork(for time: Duration?) {
        let isStalled = time.map { $0 > Self.longestWork } ?? false
        let wasStalled = books.state.withLock { state in
            defer { state.isStalled = isStalled }
            return state.isStalled
        }
        if isStalled, !wasStalled, !alarms.isStanding(.storeWriteFailed) {
            alarms.raise(
                .storeWriteFailed,
                "the database has been at one write for more than \(Self.longestWork.components.seconds) s; tokens are "
                    + "served from memory"
            )
        }
        if wasStalled, !isStalled { Self.clearAlarm(alarms, books) }
    }

    /// Remembers demand over restarts.
    func recordLastAsked(_ slot: TokenSlotID, at receipt: Receipt) {
        let isFirst = books.state.withLock { state in
            defer { state.lastAsked[slot] = receipt }
            return state.lastAsked.isEmpty
        }
        if isFirst { writes.yield(.lastAsked) }
    }

    /// Forgets the token of a slot that is no longer there.
    func remove(_ slot: TokenSlotID) { writes.yield(.removal(slot)) }

    /// Forgets the tokens of a client that is configured no more.
    func removeAll(of client: ClientName) { writes.yield(.removals(client)) }

    /// Waits for the writes so far, no longer than `time`.
    package func finish(within time: Duration) async {
        let (end, signal) = AsyncStream<Void>.makeStream()
        writes.yield(.mark(signal))
        _ = await end.isOver(within: time)
    }
}

// MARK: Writing

extension TokenKeeper {
    private static func perform(_ write: Write, _ books: Books, _ store: TokenStore, _ alarms: Alarms) async {
        do throws(TokenStoreError) {
            switch write {
            case .token(let slot):
                guard let pending = books.state.withLock({ $0.pending.removeValue(forKey: slot) }) else { return }
                defer { for signal in pending.waiting { signal.finish() } }
                // Until it is written, in case that fails.
                books.state.withLock { _ = $0.failed.insert(slot) }
                try await store.save(pending.token)
                books.state.withLock { _ = $0.failed.remove(slot) }
            case .lastAsked:
                let asked = books.state.withLock { state in
                    defer { state.lastAsked = [:] }
                    return state.lastAsked
                }
                try await store.recordLastAsked(asked)
            case .removal(let slot):
                books.state.withLock { _ = $0.failed.remove(slot) }
                try await store.removeToken(slot)
            case .removals(let client):
                books.state.withLock { $0.failed = $0.failed.filter { $0.client != client } }
                try await store.removeTokens(of: client)
            case .mark(let signal):
                signal.finish()
                return
            }
        } catch {
            alarms.raise(.storeWriteFailed, "\(error)")
            return
        }
        clearAlarm(alarms, books)
    }

    /// Ends the alarm once every token is written: a write that changes nothing succeeds on a full disk too.
    private static func clearAlarm(_ alarms: Alarms, _ books: Books) {
        let isAllWritten = books.state.withLock { $0.failed.isEmpty && $0.pending.isEmpty && !$0.isRefusingIntents }
        guard isAllWritten else { return }
        alarms.clear(.storeWriteFailed)
    }
}
