internal import Diagnosis
internal import Logging
internal import OAuth2
internal import Synchronization

/// Tells the log when a client gets into trouble, once, and when that is over.
///
/// Ten thousand clients can get into trouble at once. So many lines the journal would not take, with whatever else there
/// is to be said; so they are written one after the other, and none is left out.
final class TroubleWatch: Sendable {
    /// What ten thousand clients have to say is said in a few minutes, beside the daemon's other lines.
    static let linesPerSecond = 50

    /// Clients that are looked at in one go, so that no deadline waits for long.
    private static let batch = 500

    /// What can be told of a client, until it is well again.
    enum Trouble: Sendable, Hashable {
        case loginRequired
        case misconfigured
        case unserved
        case dying
    }

    private struct State {
        /// Of who is in trouble; nothing of one that is configured anew since.
        var told: [ClientName: Set<Trouble>] = [:]

        /// Who is to be looked at, one after the other, and the same as a set.
        var waiting: ArraySlice<ClientName> = []
        var known: Set<ClientName> = []

        /// Those of them whose last hour is looked at too.
        var ofMinute: Set<ClientName> = []
        var timer: DeadlineTimer?
        var isArmed = false

        /// When the second began whose lines are counted, since boot, and how many it has had.
        var secondBegan: Duration = .zero
        var linesOfSecond = 0
    }

    private let directory: ClientDirectory
    private let time: TimeSource
    private let logger: Logger
    private let state = Mutex(State())

    init(directory: ClientDirectory, time: TimeSource, deadlines: Deadlines, logger: Logger) {
        self.directory = directory
        self.time = time
        self.logger = logger
        let timer = deadlines.timer { [weak self] in self?.lookAtNext() }
        state.withLock { $0.timer = timer }
    }

    /// A slot of `client` is in another state.
    func clientChanged(_ client: ClientName) { add([client]) }

    /// A minute is over.
    ///
    /// Only what has lasted until now is worth a word about the last hour: most failures are over in a second, and a
    /// token that lives for an hour is renewed in its last.
    func minutePassed() {
        let clients = directory.snapshot.inOrder.map(\.name)
        state.withLock { state in
            state.ofMinute = Set(clients)
            state.told = state.told.filter { state.ofMinute.contains($0.key) }
        }
        add(clients)
    }

    /// The operator changed `changed`, so that what is still wrong, or wrong now, is told again; `removed` are no clients.
    func reloaded(changed: [ClientName], removed: [ClientName]) {
        state.withLock { state in
            for client in changed where state.told[client] != nil { state.told[client] = [] }
            for client in removed { state.told[client] = nil }
        }
        add(changed)
    }

    private func add(_ clients: [ClientName]) {
        let now = time.now().sinceBoot
        state.withLock { state in
            for client in clients where state.known.insert(client).inserted { state.waiting.append(client) }
            guard !state.isArmed, !state.waiting.isEmpty else { return }
            state.isArmed = true
            state.timer?.set(at: now)
        }
    }

    private func lookAtNext() {
        let clients = directory.snapshot.clients
        let start = time.now().sinceBoot
        var (batch, linesLeft) = state.withLock { state in
            if start - state.secondBegan >= .seconds(1) { (state.secondBegan, state.linesOfSecond) = (start, 0) }
            defer { state.waiting.removeFirst(min(Self.batch, state.waiting.count)) }
            return (state.waiting.prefix(Self.batch), Self.linesPerSecond - state.linesOfSecond)
        }
        while linesLeft > 0, let name = batch.popFirst() {
            let (isOfMinute, isTold) = state.withLock { state in
                // Before it is looked at: what changes from now on is looked at again.
                state.known.remove(name)
                return (state.ofMinute.remove(name) != nil, state.told[name] != nil)
            }
            // Of who was well and is there is nothing to tell, and that is nearly all of them.
            guard let client = clients[name.value], isTold || client.hasFailed else { continue }
            linesLeft -= look(at: ClientReport(client), isOfMinute: isOfMinute)
        }
        state.withLock { state in
            state.waiting = batch + state.waiting
            state.linesOfSecond = Self.linesPerSecond - linesLeft
            state.isArmed = !state.waiting.isEmpty
            if state.isArmed { state.timer?.set(at: linesLeft > 0 ? start : state.secondBegan + .seconds(1)) }
        }
    }

    /// Writes what is new; returns how many lines that took.
    private func look(at client: ClientReport, isOfMinute: Bool) -> Int {
        let now = time.now()
        let troubles = client.troubles(at: now, looksAhead: isOfMinute)
        let isWell = client.isWell
        let (new, isOver) = state.withLock { state in
            let told = state.told[client.name]
            state.told[client.name] =
                isWell || told == nil && troubles.isEmpty ? nil : (told ?? []).union(troubles.map(\.kind))
            return (troubles.filter { !(told?.contains($0.kind) ?? false) }, isWell && told != nil)
        }
        for trouble in new { logger.write(trouble.kind.logMessage, trouble.metadata(of: client.name)) }
        if isOver { logger.write(.clientRecovered, ["client": "\(client.name)"]) }
        return new.count + (isOver ? 1 : 0)
    }
}

extension TroubleWatch.Trouble {
    fileprivate var logMessage: LogMessage {
        switch self {
        case .loginRequired: .loginRequired
        case .misconfigured: .clientMisconfigured
        case .unserved: .clientUnserved
        case .dying: .diesWithinHour
        }
    }
}
