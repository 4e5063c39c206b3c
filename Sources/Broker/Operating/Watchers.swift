internal import LocalAPI
internal import LocalServer
internal import OAuth2
internal import Synchronization
internal import TokenLifecycle

/// The callers that watch a client: told of its state now, and at each change.
///
/// A watcher is told what stands when it is told, and nothing twice; so the order of the changes does not matter.
final class Watchers: Sendable {
    /// How often a silent stream shows that it is alive.
    static let heartbeat: Duration = .seconds(30)

    private struct Watcher {
        let client: Client
        let caller: Caller
        let responder: Responder
        /// What it was told last; nothing yet at first.
        var last: Told?
    }

    private let directory: ClientDirectory
    private let time: TimeSource
    private let watchers = Mutex<[ConnectionID: Watcher]>([:])
    private let heartbeatTimer = Mutex<DeadlineTimer?>(nil)

    init(directory: ClientDirectory, time: TimeSource, deadlines: Deadlines) {
        self.directory = directory
        self.time = time
        let timer = deadlines.timer { [weak self] in self?.beat() }
        heartbeatTimer.withLock { $0 = timer }
    }

    /// Begins a stream for `caller`, who was found to be allowed.
    func add(_ client: Client, caller: Caller, responder: Responder) {
        responder.beginStream(contentType: "application/x-ndjson")
        let isFirst = watchers.withLock { watchers in
            watchers[caller.connection] = Watcher(client: client, caller: caller, responder: responder)
            return watchers.count == 1
        }
        tell(caller.connection)
        if isFirst { armHeartbeat() }
    }

    func connectionClosed(_ connection: ConnectionID) {
        watchers.withLock { _ = $0.removeValue(forKey: connection) }
    }

    /// A slot of `client` changed, or a reload may have changed who may watch.
    func clientChanged(_ client: ClientName) {
        let connections = watchers.withLock { watchers in
            watchers.filter { $0.value.client.name == client }.map(\.key)
        }
        for connection in connections { tell(connection) }
    }

    /// After a reload: streams of removed clients, and of callers no longer allowed, end.
    func reloaded() {
        for connection in watchers.withLock({ Array($0.keys) }) { tell(connection) }
    }

    private func beat() {
        let all = watchers.withLock { Array($0.values) }
        guard !all.isEmpty else { return }
        // An empty line is no JSON value, and keeps the stream alive for whoever reads lines.
        for watcher in all { watcher.responder.sendChunk([0x0A]) }
        armHeartbeat()
    }

    private func armHeartbeat() {
        let deadline = time.now().sinceBoot + Self.heartbeat
        heartbeatTimer.withLock { $0 }?.set(at: deadline)
    }

    private func tell(_ connection: ConnectionID) {
        guard let watcher = watchers.withLock({ $0[connection] }) else { return }
        guard let client = directory.snapshot.clients[watcher.client.name.value],
            client.accessPolicy.decide(watcher.caller.peer, unit: watcher.caller.unit).isAllowed
        else {
            connectionClosed(connection)
            watcher.responder.sendChunk(WatchEvent(event: .end, client: watcher.client.name.value).line)
            watcher.responder.endStream()
            return
        }
        // Read and told under one lock, so that of two changes at once the later one is told last.
        watchers.withLock { watchers in
            guard let last = watchers[connection].map(\.last) else { return }
            let told = Told(client.defaultSlot)
            guard told != last else { return }
            watchers[connection]?.last = told
            let event = WatchEvent(
                event: told.isNewToken(after: last) ? .token : .state,
                client: client.name.value,
                state: told.state.shown,
                serving: told.serving,
                expiresAt: told.expiresAt
            )
            watcher.responder.sendChunk(event.line)
        }
    }
}

/// What a watcher was told.
private struct Told: Sendable, Equatable {
    let state: SlotState
    let serving: Bool
    let expiresAt: Int?
    /// When the token came, which tells it from the one before even when neither expires.
    let receipt: Receipt?

    init(_ slot: TokenSlot) {
        let report = slot.report()
        state = report.state
        serving = report.serving
        expiresAt = report.expiresAt?.wholeSeconds
        receipt = slot.memory().kept?.token.receipt
    }

    func isNewToken(after last: Told?) -> Bool { serving && receipt != last?.receipt }
}
