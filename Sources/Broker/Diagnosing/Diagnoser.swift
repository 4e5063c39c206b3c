internal import Diagnosis
internal import LocalAPI
internal import LocalServer
internal import OAuth2
internal import Synchronization

/// Finds out for an operator what is wrong with a client; one at a time, as each asks a server up to a dozen times.
///
/// Nothing of what it learns changes the client: its slots, its grant and which of its secrets works stay as they are.
final class Diagnoser: Sendable {
    /// An operator's patience; what is not known by then is told as that.
    static let patience: Duration = .seconds(60)

    private struct Work {
        let client: ClientName
        let connection: ConnectionID
        let responder: Responder
        var task: Task<DiagnosisReport, Never>?
    }

    private struct State {
        var work: Work?
        var isStopping = false
    }

    private let version: String
    private let exchanges: TokenExchanges
    private let budgets: ServerBudgets
    private let surroundings: Surroundings
    private let state = Mutex(State())

    /// - Parameter version: The daemon's, for whoever reads a report.
    init(version: String, exchanges: TokenExchanges, budgets: ServerBudgets, surroundings: Surroundings) {
        self.version = version
        self.exchanges = exchanges
        self.budgets = budgets
        self.surroundings = surroundings
    }

    /// Diagnoses `client` and answers with the report.
    ///
    /// - Parameter mayCost: Whether the operator lets requests be billed.
    func diagnose(
        _ client: Client,
        mayCost: Bool,
        for connection: ConnectionID,
        responder: Responder
    ) throws(APIError) {
        let obstacle = state.withLock { state -> APIError? in
            guard !state.isStopping else { return .stopping(client.name) }
            guard state.work == nil else { return .beingDiagnosed }
            state.work = Work(client: client.name, connection: connection, responder: responder)
            return nil
        }
        if let obstacle { throw obstacle }
        let diagnosis = ClientDiagnosis(
            client: client,
            mayCost: mayCost,
            version: version,
            exchanges: exchanges,
            budgets: budgets,
            surroundings: surroundings
        )
        let task = Task { await diagnosis.report() }
        state.withLock { $0.work?.task = task }
        let timer = surroundings.deadlines.timer { task.cancel() }
        timer.set(at: surroundings.time.now().sinceBoot + Self.patience)
        Task { [self] in
            let report = await task.value
            timer.cancel()
            state.withLock { $0.work = nil }
            responder.send(.document(report))
        }
    }

    /// Ends what is done for an operator who left.
    func connectionClosed(_ connection: ConnectionID) {
        state.withLock { $0.work?.connection == connection ? $0.work?.task : nil }?.cancel()
    }

    /// None begins any more, and the operator of the one under way does not wait for what the server still owes.
    func stop() {
        let work = state.withLock { state in
            state.isStopping = true
            return state.work
        }
        guard let work else { return }
        work.responder.send(APIError.stopping(work.client).response())
        work.task?.cancel()
    }
}

extension APIError {
    fileprivate static let beingDiagnosed = APIError(
        .tooManyRequests,
        "a client is being diagnosed, and one is at a time",
        remedy: "Try again in a minute.",
        retryAfter: 10
    )
}
