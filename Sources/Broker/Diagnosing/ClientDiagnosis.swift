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
        var facts = ClientFacts(client, environment: surroundings.environment)
        var configuration = client.configuration
        configuration.requestTimeout = min(configuration.requestTimeout, Self.longestAnswer)
        let servers = await servers(of: configuration, isAsking: !facts.isLocal)
        var subject = ProbeSubject(configuration, at: servers, mayCost: mayCost)
        subject.isServed = client.defaultSlot.report().serving
        facts.symptom?.provider = subject.provider
        let observations = client.observations(tokenEndpoint: servers.tokenEndpoint)
        var diagnostician = Diagnostician(
            subject,
            symptom: facts.symptom,
            observations: observations,
            now: surroundings.time.now().sinceEpoch
        )
        let health = Health(client, now: surroundings.time.now())
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
            diagnostician.learn(from: probe, outcome, at: time)
        }
        var report = completed(diagnostician.report(health: health), facts, at: servers)
        // It stands where the secret should.
        if observations.contains(where: { $0.finding == .identifierAndSecretSwapped }) { report.clientID = nil }
        let isKnown = client.defaultSlot.report().serving || !Task.isCancelled && Self.isAnswered(report)
        if report.healthy, !isKnown { report.judgeUnasked() }
        return report
    }

    /// Whether the token endpoint answered anything.
    private static func isAnswered(_ report: DiagnosisReport) -> Bool {
        let questions = [Probe.fakeRefreshToken, .fakeCode, .asConfigured].map(\.name)
        return report.probes.contains { $0.at != nil && questions.contains($0.name) }
    }

    /// Where the servers are, by what may have to be discovered.
    private func servers(of client: ClientConfiguration, isAsking: Bool) async -> ProbedServers {
        guard case .issuer = client.endpoint else {
            return ProbedServers(client, tokenEndpoint: client.endpoint.url, keys: client.endpoints[.jwks])
        }
        guard isAsking else { return ProbedServers(client, tokenEndpoint: nil, keys: client.endpoints[.jwks]) }
        let unknown = ProbedServers(client, tokenEndpoint: nil, keys: client.endpoints[.jwks])
        guard case .place(let place) = await budgets.sparePlace(at: client.endpoint.url.origin) else { return unknown }
        // Others may wait for the same metadata, for longer than this operator.
        let (findings, finding) = AsyncStream<ProbedServers>.makeStream()
        Task { [exchanges, budgets] in
            var (servers, retryAfter) = (unknown, Duration?.none)
            do throws(TokenEndpointFailure) {
                let url = try await exchanges.tokenEndpoint(of: client)
                let keys = try await exchanges.endpoint(.jwks, of: client)
                servers = ProbedServers(client, tokenEndpoint: url, keys: keys)
            } catch {
                retryAfter = error.retryAfter
            }
            budgets.finished(place, retryAfter: retryAfter)
            finding.yield(servers)
            finding.finish()
        }
        for await found in findings { return found }
        return unknown
    }

    /// With what the plan does not know: whom the servers know, when it happened, and that it was cut short.
    private func completed(
        _ report: DiagnosisReport,
        _ facts: ClientFacts,
        at servers: ProbedServers
    ) -> DiagnosisReport {
        var report = report
        report.clientID = client.configuration.clientID
        // A query is the operator's own, and may be a key.
        report.tokenEndpoint = servers.tokenEndpoint?.textWithoutQuery
        report.daemonVersion = version
        if report.healthy, facts.symptom != nil {
            report.notes.append(
                "Its state stays as it was until its next attempt: `tokenctl refresh \(client.name)` makes that now."
            )
        }
        if Task.isCancelled { report.notes.append("The time was over before everything was asked.") }
        // What was met by a probe happened now.
        if report.failure?.error == facts.symptom?.failure.error { report.failure?.at = facts.failedAt?.wholeSeconds }
        return report
    }
}

extension DiagnosisReport {
    /// What nobody could look at is not well.
    fileprivate mutating func judgeUnasked() {
        (healthy, health) = (false, nil)
        verdict = "Nothing wrong was found with the client, as far as its servers could be asked."
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
}
