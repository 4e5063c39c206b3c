internal import Diagnosis
internal import LinuxHost
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
    private let trail: AuditTrail
    private let time: TimeSource
    private let watchers = Mutex<[ConnectionID: Watcher]>([:])
    private let heartbeatTimer = Mutex<DeadlineTimer?>(nil)

    init(directory: ClientDirectory, trail: AuditTrail, time: TimeSource, deadlines: Deadlines) {
        self.directory = directory
        self.trail = trail
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
        for watcher in all {
            if allowedClient(of: watcher) != nil { watcher.responder.sendChunk([0x0A]) }
        }
        armHeartbeat()
    }

    /// The client, while it is configured and the caller may use it, in the unit that it runs in by now; else the stream
    /// ends.
    private func allowedClient(of watcher: Watcher) -> Client? {
        let snapshot = directory.snapshot
        let unit = snapshot.needsUnit ? watcher.caller.unit : .unknown(.notLookedAt)
        guard let client = snapshot.clients[watcher.client.name.value] else {
            end(watcher, because: .unknownClient, unit)
            return nil
        }
        if case .denied(let denial) = client.accessPolicy.decide(watcher.caller.peer, unit: unit) {
            end(watcher, because: .denied(denial), unit)
            return nil
        }
        return client
    }

    private func end(_ watcher: Watcher, because verdict: AuditSubject.Verdict, _ unit: UnitFinding) {
        connectionClosed(watcher.caller.connection)
        let name = watcher.client.name.value
        watcher.responder.sendChunk(WatchEvent(event: .end, client: name).line)
        watcher.responder.endStream()
        // Its connection may be gone by now, and nothing is to be remembered of it.
        let caller = watcher.caller.identified(as: unit)
        let subject = AuditSubject(.watch, by: caller, unit: unit, client: name, verdict: verdict)
        trail.record(subject, caller: caller)
    }

    private func armHeartbeat() {
        let deadline = time.now().sinceBoot + Self.heartbeat
        heartbeatTimer.withLock { $0 }?.set(at: deadline)
    }

    private func tell(_ connection: ConnectionID) {
        guard let watcher = watchers.withLock({ $0[connection] }) else { return }
        guard let client = allowedClient(of: watcher) else { return }
        // Read and told under one lock, so that of two changes at once the later one is told last.
        watchers.withLock { watchers in
            guard let last = watchers[connection].map(\.last) else { return }
            let told = Told(client.defaultSlot)
            guard told != last else { return }
            watchers[connection]?.last = told
            var event = WatchEvent(
                event: told.isNewToken(after: last) ? .token : .state,
                client: client.name.value,
                state: told.state.shown,
                serving: told.serving,
                expiresAt: told.expiresAt
            )
            if let failure = told.failure {
                let explanation = client.explain(failure)
                event.cause = failure.error
                event.likelyCause = explanation.likelyCause?.rawValue
                event.remedy = explanation.remedy
            }
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
    /// Of the latest attempt; another one alone is no change.
    let failure: TokenEndpointFailure?

    init(_ slot: TokenSlot) {
        let report = slot.report()
        state = report.state
        serving = report.serving
        expiresAt = report.expiresAt?.wholeSeconds
        receipt = slot.memory().kept?.token.receipt
        failure = report.lastFailure?.failure
    }

    static func == (left: Told, right: Told) -> Bool {
        left.state == right.state && left.serving == right.serving && left.expiresAt == right.expiresAt
            && left.receipt == right.receipt
    }

    func isNewToken(after last: Told?) -> Bool { serving && receipt != last?.receipt }
}
