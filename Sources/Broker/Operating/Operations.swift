internal import LinuxHost
internal import LocalAPI
internal import LocalServer
internal import Logging
internal import OAuth2
internal import TokenLifecycle

/// Answers operators, and callers that ask about more than a token.
struct Operations: Sendable {
    /// How long an operator waits for a refresh; the request itself ends no later than its own time-out.
    static let refreshTimeout: Duration = .seconds(60)

    let version: String
    let directory: ClientDirectory
    let gate: AccessGate
    let events: EventStreams
    let waiting: WaitingRegister
    let watchers: Watchers
    let alarms: Alarms
    let identity: IdentityWatch
    let budgets: ServerBudgets
    let surroundings: Surroundings
    let grants: GrantOperations
    let logins: Logins
    let verifier: TokenVerifier
    let diagnoser: Diagnoser
    let reloading: @Sendable () async -> Result<ReloadDocument, APIError>

    // MARK: For callers

    func clients(for caller: Caller) -> HTTPResponse {
        let unit = directory.snapshot.needsUnit ? caller.decidingUnit : .unknown(.notLookedAt)
        let allowed = directory.candidates(for: caller.peer, unit: unit).filter { client in
            client.accessPolicy.decide(caller.peer, unit: unit).isAllowed
        }
        return .document(
            ClientsDocument(
                clients: allowed.map { client in
                    let target = client.configuration.target
                    return ClientsDocument.Client(
                        client: client.name.value,
                        scope: target.scope.wireValue,
                        audience: target.audience,
                        resource: target.resource
                    )
                }
            )
        )
    }

    func watch(_ name: String, caller: Caller, responder: Responder) throws(APIError) {
        let admitted = try gate.admit(caller, to: name, for: .watch)
        admitted.record(.watch)
        watchers.add(admitted.client, caller: caller, responder: responder)
    }

    // MARK: For operators

    func status(responder: Responder) { write(responder) { status(with: [:]) } }

    private func status(with findings: [ClientName: TokenVerifier.Findings]) -> HTTPResponse {
        let now = surroundings.time.now()
        let turns = budgets.turns()
        let clients = directory.snapshot.inOrder.map(ClientReport.init)
        return .document(
            StatusDocument(
                version: version,
                clients: clients.map { $0.status(now: now, turns: turns, findings: findings[$0.name]) },
                servers: servers(clients).map { $0.status(now: now.sinceEpoch) },
                alarms: alarms.all.map { alarm in
                    AlarmStatus(
                        alarm: alarm.kind.rawValue,
                        message: alarm.message,
                        since: alarm.since.wholeSeconds
                    )
                },
                warnings: identity.warnings
            )
        )
    }

    private func servers(_ clients: [ClientReport]) -> [ServerReport] {
        var loads: [String: ServerLoad] = [:]
        for client in clients {
            client.add(to: &loads[surroundings.requests.origin(of: client.configuration), default: ServerLoad()])
        }
        return budgets.reports().map { ServerReport(server: $0, load: loads[$0.origin] ?? ServerLoad()) }
    }

    func status(of name: String) throws(APIError) -> HTTPResponse {
        guard let client = directory.snapshot.clients[name] else { throw .unknownClient(name) }
        return status(of: client)
    }

    private func status(of client: Client, findings: TokenVerifier.Findings? = nil) -> HTTPResponse {
        let report = ClientReport(client)
        let status = report.status(now: surroundings.time.now(), turns: budgets.turns(), findings: findings)
        return .document(ClientDocument(client: status))
    }

    /// The status, with what the authorization servers say of the tokens: of one client, or of all.
    func verify(_ name: String?, responder: Responder) throws(APIError) {
        guard let name else {
            perform(responder) { () async throws(APIError) in
                let findings = try await verifier.verify(directory.snapshot.inOrder)
                responder.send(status(with: findings))
            }
            return
        }
        guard let client = directory.snapshot.clients[name] else { throw .unknownClient(name) }
        perform(responder) { () async throws(APIError) in
            let findings = try await verifier.verify([client])
            responder.send(status(of: client, findings: findings[client.name]))
        }
    }

    /// Refreshes the slot that the configuration names and answers with the outcome.
    func refresh(
        _ name: String,
        _ mode: RefreshMode = .ordinary,
        caller: Caller,
        responder: Responder
    ) throws(APIError) {
        guard mode == .ordinary else {
            perform(responder) { () async throws(APIError) in
                try await grants.prepare(name, mode)
                try refresh(name, caller: caller, responder: responder)
            }
            return
        }
        guard let client = directory.snapshot.clients[name] else { throw .unknownClient(name) }
        let slot = client.defaultSlot
        let uid = caller.peer.uid
        guard let waiter = waiting.begin(uid: uid, connection: caller.connection, slot: slot) else {
            throw .tooManyWaiting(client.name)
        }
        let timer = surroundings.deadlines.timer { [weak slot] in slot?.stopWaiting(waiter, because: .timeOver) }
        let deadline = surroundings.time.now().sinceBoot + Self.refreshTimeout
        let wait = WaitingCaller(id: waiter, deadline: deadline, isOperator: true, timer: timer) { end in
            waiting.end(uid: uid, connection: caller.connection)
            switch end {
            case .outcome(.token):
                let report = slot.report()
                responder.send(
                    .document(
                        RefreshDocument(
                            client: name,
                            state: report.state.shown,
                            expiresAt: report.expiresAt?.wholeSeconds
                        )
                    )
                )
            case .outcome(.failure(let failure)):
                responder.send(APIError(failure, of: client).response())
            case .timeOver:
                responder.send(APIError.waitingTimeOver(client.name, isQueued: slot.isQueued).response())
            case .stopping:
                responder.send(APIError.stopping(client.name).response())
            case .hungUp:
                break
            }
        }
        slot.refresh(wait)
        waiting.endIfStopping(waiter, in: slot)
    }

    /// The latest decisions; a stream of them when the operator follows.
    func events(since sequence: UInt64, following: Bool, caller: Caller, responder: Responder) {
        guard !following else { return events.follow(after: sequence, caller: caller, responder: responder) }
        // Thousands take so long to write down that callers would notice, had the sockets' thread to do it.
        Task { [trail = gate.trail] in
            let extent = trail.extent
            responder.send(
                .document(
                    EventsDocument(
                        events: trail.events(after: sequence).map(\.document),
                        last: Int(extent.last),
                        forgotten: Int(extent.forgotten)
                    )
                )
            )
        }
    }

    // MARK: What takes its time

    func logout(_ name: String, forgetting: Bool, responder: Responder) {
        perform(responder) { () async throws(APIError) in
            responder.send(.document(try await grants.logout(name, forgetting: forgetting)))
        }
    }

    func diagnose(_ name: String, mayCost: Bool, caller: Caller, responder: Responder) throws(APIError) {
        guard let client = directory.snapshot.clients[name] else { throw .unknownClient(name) }
        try diagnoser.diagnose(client, mayCost: mayCost, for: caller.connection, responder: responder)
    }

    func rekey(responder: Responder) {
        perform(responder) { () async throws(APIError) in
            responder.send(.document(try await grants.rekey()))
        }
    }

    func backUp(responder: Responder) {
        perform(responder) { () async throws(APIError) in
            try await grants.backUp(responder: responder)
        }
    }

    private func perform(_ responder: Responder, _ work: @escaping @Sendable () async throws(APIError) -> Void) {
        Task {
            do throws(APIError) { try await work() } catch { responder.send(error.response()) }
        }
    }

    func reload(responder: Responder) {
        Task {
            switch await reloading() {
            case .success(let document): responder.send(.document(document))
            case .failure(let error): responder.send(error.response())
            }
        }
    }

    /// Of more clients a document takes so long to write down that callers would notice, had the sockets' thread to do it.
    private static let clientsWrittenAtOnce = 16

    private func write(_ responder: Responder, _ document: @escaping @Sendable () -> HTTPResponse) {
        guard directory.snapshot.clients.count > Self.clientsWrittenAtOnce else { return responder.send(document()) }
        Task { await writer.write(document, to: responder) }
    }

    /// One at a time: written at once, they would take every thread that token requests are made on.
    private actor DocumentWriter {
        func write(_ document: @Sendable () -> HTTPResponse, to responder: Responder) { responder.send(document()) }
    }

    private let writer = DocumentWriter()

    /// Ready while no client in use waits for a person or is without a token, by its latest attempt, and no alarm stands.
    func ready(responder: Responder) { write(responder) { ready() } }

    private func ready() -> HTTPResponse {
        let reports = directory.snapshot.inOrder.map(ClientReport.init)
        let failing = reports.filter(\.isInTrouble)
        let standing = alarms.all
        let line = StatusLine.text(reports.map { ($0.name, $0.state) }, alarms: standing)
        return failing.isEmpty && standing.isEmpty
            ? .text("ready: \(line)\n") : .text("not ready: \(line)\n", status: 503)
    }

    func metrics(responder: Responder) { write(responder) { metrics() } }

    private func metrics() -> HTTPResponse {
        let now = surroundings.time.now()
        var text = OpenMetricsText()
        text.family("tokenbroker_build", type: "info", help: "The running version.")
        text.sample("tokenbroker_build_info", labels: [("version", version)], value: 1)
        let reports = directory.snapshot.inOrder.map(ClientReport.init)
        text.family("tokenbroker_client_state", type: "gauge", help: "1 for the state a client is in.")
        for report in reports {
            text.sample(
                "tokenbroker_client_state",
                labels: [("client", report.name.value), ("state", report.state.rawValue)],
                value: 1
            )
        }
        text.family(
            "tokenbroker_token_expiry_seconds",
            type: "gauge",
            unit: "seconds",
            help: "What is left of the cached token's life."
        )
        for report in reports {
            guard let expiresAt = report.leading.report.expiresAt else { continue }
            text.sample(
                "tokenbroker_token_expiry_seconds",
                labels: [("client", report.name.value)],
                value: (expiresAt - now.sinceEpoch).inSeconds.rounded(.down)
            )
        }
        GrantMetrics.render(reports, alarms: alarms.all, now: now, into: &text)
        surroundings.metrics.render(into: &text)
        return HTTPResponse(status: 200, contentType: OpenMetricsText.contentType, body: text.bytes)
    }
}
