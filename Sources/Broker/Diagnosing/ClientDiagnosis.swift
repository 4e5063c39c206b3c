internal import Diagnosis
internal import OAuth2
internal import TokenLifecycle

/// One diagnosis of one client, from what is known to what was found out.
struct ClientDiagnosis: Sendable {
    /// No server takes as long for a refusal, and a report is to come of it in time.
    static let longestAnswer: Duration = .seconds(10)

    let client: Client

    /// Whether the operator lets requests be billed.
    let mayCost: Bool

    /// The daemon's.
    let version: String
    let exchanges: TokenExchanges
    let budgets: ServerBudgets
    let surroundings: Surroundings

    /// Asks until nothing more is to be learned or the task is cancelled, and reports what was learned by then.
    func report() async -> DiagnosisReport {
        let facts = ClientFacts(client, environment: surroundings.environment)
        var configuration = client.configuration
        configuration.requestTimeout = min(configuration.requestTimeout, Self.longestAnswer)
        let servers = await servers(of: configuration, isAsking: !facts.isLocal)
        let subject = ProbeSubject(configuration, at: servers, mayCost: mayCost)
        let observations = client.observations(tokenEndpoint: servers.tokenEndpoint)
        var diagnostician = Diagnostician(
            subject,
            symptom: facts.symptom,
            observations: observations,
            now: surroundings.time.now().sinceEpoch
        )
        var health = Health(client, now: surroundings.time.now())
        let performer = ProbePerformer(
            exchanges: exchanges,
            budgets: budgets,
            client: configuration,
            subject: subject,
            servers: servers,
            madeUp: MadeUp(for: configuration.clientID)
        )
        while !facts.isLocal, !Task.isCancelled, let probe = diagnostician.next() {
            let time = surroundings.time.now().sinceEpoch
            guard let outcome = await performer.perform(probe) else { break }
            health.learn(from: outcome)
            diagnostician.learn(from: probe, outcome, at: time)
        }
        var report = completed(diagnostician.report(health: health), facts)
        // What stands in its place may be the secret.
        if !observations.contains(where: { $0.finding == .identifierAndSecretSwapped }) {
            report.clientID = configuration.clientID
        }
        report.tokenEndpoint = servers.tokenEndpoint?.textWithoutQuery
        report.daemonVersion = version
        return report
    }

    /// Where the servers are, by what may have to be discovered.
    private func servers(of client: ClientConfiguration, isAsking: Bool) async -> ProbedServers {
        guard case .issuer = client.endpoint else {
            return ProbedServers(client, tokenEndpoint: client.endpoint.url, keys: client.endpoints[.jwks])
        }
        guard isAsking else { return ProbedServers(client, tokenEndpoint: nil, keys: client.endpoints[.jwks]) }
        // Others may wait for the same metadata, for longer than this operator.
        let (findings, finding) = AsyncStream<ProbedServers>.makeStream()
        Task { [exchanges] in
            let url = try? await exchanges.tokenEndpoint(of: client)
            let keys = url == nil ? client.endpoints[.jwks] : try? await exchanges.endpoint(.jwks, of: client)
            finding.yield(ProbedServers(client, tokenEndpoint: url, keys: keys))
            finding.finish()
        }
        for await found in findings { return found }
        return ProbedServers(client, tokenEndpoint: nil, keys: client.endpoints[.jwks])
    }

    /// With what the plan does not know: when it happened, and that it was cut short.
    private func completed(_ report: DiagnosisReport, _ facts: ClientFacts) -> DiagnosisReport {
        var report = report
        if Task.isCancelled { report.notes.append("The time was over before everything was asked.") }
        // What was met by a probe happened now.
        if report.failure?.error == facts.symptom?.failure.error { report.failure?.at = facts.failedAt?.wholeSeconds }
        return report
    }
}

extension Health {
    /// How the client's cached token is; empty when there is none that serves.
    fileprivate init(_ client: Client, now: Moment) {
        self.init()
        let slot = client.defaultSlot
        let report = slot.report()
        guard report.serving, let token = slot.memory().kept?.token else { return }
        expiresIn = report.expiresAt.map { max(0, ($0 - now.sinceEpoch).wholeSeconds) }
        scope = token.scope.isEmpty ? nil : token.scope.wireValue
        claims = TokenClaims.summary(of: token.value, isClientsOwn: client.configuration.grant.isClientsOwn)
    }

    /// The quickest answer tells most of the way, and a token that came of a probe stands in for one that is cached.
    fileprivate mutating func learn(from outcome: ProbeOutcome) {
        guard case .answer(let result, let roundTrip) = outcome else { return }
        let milliseconds = Int(roundTrip.inSeconds * 1_000)
        roundTripMilliseconds = min(roundTripMilliseconds ?? milliseconds, milliseconds)
        guard claims.isEmpty, expiresIn == nil, case .success(let summary) = result else { return }
        (scope, claims) = (summary.scope, summary.claims)
        expiresIn = summary.lifetime?.wholeSeconds
    }
}
