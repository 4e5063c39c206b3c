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
        let connection: ConnectionID
        var task: Task<DiagnosisReport, Never>?
    }

    private let version: String
    private let exchanges: TokenExchanges
    private let budgets: ServerBudgets
    private let surroundings: Surroundings
    private let work = Mutex<Work?>(nil)

    /// - Parameter version: The daemon's.
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
        let isFree = work.withLock { work in
            guard work == nil else { return false }
            work = Work(connection: connection)
            return true
        }
        guard isFree else {
            throw APIError(
                .tooManyRequests,
                "another client is being diagnosed",
                remedy: "Try again in a minute.",
                retryAfter: 1
            )
        }
        let diagnosis = ClientDiagnosis(
            client: client,
            mayCost: mayCost,
            version: version,
            exchanges: exchanges,
            budgets: budgets,
            surroundings: surroundings
        )
        let task = Task { await diagnosis.report() }
        work.withLock { $0?.task = task }
        let timer = surroundings.deadlines.timer { task.cancel() }
        timer.set(at: surroundings.time.now().sinceBoot + Self.patience)
        Task { [self] in
            let report = await task.value
            timer.cancel()
            work.withLock { $0 = nil }
            responder.send(.document(report))
        }
    }

    /// Ends what is done for an operator who left.
    func connectionClosed(_ connection: ConnectionID) {
        work.withLock { $0?.connection == connection ? $0?.task : nil }?.cancel()
    }
}
