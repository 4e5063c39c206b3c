import OAuth2

extension DiagnosisReport {
    /// The report of a diagnosis that has come this far.
    init(_ diagnostician: Diagnostician, health: Health) {
        let subject = diagnostician.subject
        self.init(
            client: subject.client.value,
            provider: subject.provider.rawValue,
            grant: subject.grant.name,
            healthy: false,
            verdict: "",
            probes: diagnostician.records
        )
        if let symptom = diagnostician.symptom {
            judge(symptom, diagnostician.observations, of: subject)
        } else if let clocks = diagnostician.clocks {
            judge(clocks: clocks, subject)
        } else {
            praise(past: diagnostician.past, health, diagnostician)
        }
        failure = (diagnostician.symptom?.failure ?? diagnostician.past).map { FailureRecord($0) }
        notes = diagnostician.notes
    }

    /// The report on a failure of which only its look is known.
    init(explaining symptom: Symptom, observations: [Observation]) {
        self.init(provider: symptom.provider.rawValue, grant: symptom.grant?.name, healthy: false, verdict: "")
        judge(symptom, observations, of: nil)
        failure = FailureRecord(symptom.failure)
    }

    /// The report on a cause that was asked about by its name.
    init(explaining cause: Cause, of provider: Provider, grant: Grant?) {
        let placeholders = Placeholders(client: nil, failure: nil)
        self.init(
            provider: provider.rawValue,
            grant: grant?.name,
            healthy: false,
            verdict: placeholders.fill(cause.summary)
        )
        causes = [
            RankedCause(
                id: cause.id.rawValue,
                summary: verdict,
                confidence: .possible,
                remedy: placeholders.fill(cause.remedy),
                lookUp: cause.lookUp.map(placeholders.fill)
            )
        ]
    }

    /// - Parameter subject: What was probed; nil for a failure without a client.
    private mutating func judge(_ symptom: Symptom, _ observations: [Observation], of subject: ProbeSubject?) {
        let ranking = Ranking(symptom, observations)
        guard !ranking.entries.isEmpty else {
            let explanation = Diagnosis.explain(
                symptom.failure,
                client: subject?.client,
                grant: subject?.grant ?? symptom.grant
            )
            causes = [RankedCause(explanation, symptom.failure)]
            verdict = explanation.summary
            return
        }
        causes = ranking.entries.indices.map { place in
            RankedCause(ranking.entries[place], ranking.confidence(at: place), symptom.failure, of: subject)
        }
        let leaders = causes.prefix(ranking.leaders.count)
        inseparable = leaders.count > 1 ? ranking.leaders.map(\.cause.id.rawValue) : []
        verdict = DiagnosisReport.verdict(causes[0], others: leaders.count - 1, hasProbes: subject != nil)
    }

    /// What the others are stands with them.
    private static func verdict(_ first: RankedCause, others: Int, hasProbes: Bool) -> String {
        guard others > 0 else { return first.summary }
        let judge = hasProbes ? "no probe told" : "the failure alone does not tell"
        let others = others == 1 ? "another cause" : "one of \(others) other causes"
        return "\(first.summary.trimmingFullStop), or it is \(others), which \(judge) from it."
    }

    /// The client works, and the clocks will yet make somebody judge a token wrongly.
    private mutating func judge(clocks: Observation, _ subject: ProbeSubject) {
        guard let cause = Catalogue.cause(.clockWrong, of: subject.provider) else { return }
        verdict =
            "The client is given tokens, but \(clocks.evidence.prefix(1).lowercased() + clocks.evidence.dropFirst())"
        causes = [
            RankedCause(
                id: cause.id.rawValue,
                summary: cause.summary,
                confidence: .certain,
                evidence: [clocks.evidence],
                remedy: cause.remedy,
                lookUp: cause.lookUp
            )
        ]
    }

    private mutating func praise(past: TokenEndpointFailure?, _ health: Health, _ diagnostician: Diagnostician) {
        healthy = true
        verdict =
            past.map { "The client works now: the earlier failure, \($0.said), is over." }
            ?? "Nothing is wrong with the client."
        self.health = diagnostician.completed(health)
    }
}

extension Diagnostician {
    /// That the clocks differ, where a client that works was found so.
    var clocks: Observation? {
        guard symptom == nil else { return nil }
        return observations.first { $0.finding == .clockAhead || $0.finding == .clockBehind }
    }

    /// `health` with what the probes found, where it says nothing.
    func completed(_ health: Health) -> Health {
        var health = health
        let roundTrips = outcomes.values.compactMap { outcome -> Int? in
            guard case .answer(_, let roundTrip) = outcome else { return nil }
            return roundTrip.milliseconds
        }
        health.roundTripMilliseconds = health.roundTripMilliseconds ?? roundTrips.min()
        guard case .answer(.success(let grant), _) = outcomes[.asConfigured] else { return health }
        health.expiresIn = health.expiresIn ?? grant.lifetime.map { Int($0.components.seconds) }
        health.scope = health.scope ?? grant.scope
        if health.claims.isEmpty { health.claims = grant.claims }
        return health
    }

    /// Whether the cause is known, so that nothing more need be asked.
    private var isCertain: Bool {
        guard let symptom else { return false }
        let ranking = Ranking(symptom, observations)
        return !ranking.entries.isEmpty && ranking.confidence(at: 0) == .certain
    }

    /// What was left out, and how to have it asked.
    var notes: [String] {
        var notes: [String] = []
        if subject.grant.isClientsOwn, !subject.mayAsk, !isCertain {
            notes.append(
                "The provider bills each token, so that none was asked for: `tokenctl diagnose \(subject.client) --spend` asks."
            )
        }
        let omitted = records.filter { $0.at == nil }
        if !omitted.isEmpty {
            notes.append("Left out: \(omitted.map(\.name).joined(separator: ", ")), for the reason beside each.")
        }
        if let symptom,
            let clocks = observations.first(where: { $0.finding == .clockAhead || $0.finding == .clockBehind }),
            Catalogue.suspects(symptom)[.clockWrong] == nil
        {
            notes.append(clocks.evidence)
        }
        if symptom == nil {
            notes += observations.filter { Self.oddities.contains($0.finding) }.map(\.evidence)
        }
        return notes
    }

    /// What does not keep a client from its token, and is worth knowing.
    private static let oddities: Set<Finding> = [
        .metadataMissing, .metadataOfAnotherIssuer, .endpointDiffersFromMetadata, .keysMissing,
    ]
}

extension RankedCause {
    init(
        _ entry: Ranking.Entry,
        _ confidence: Confidence,
        _ failure: TokenEndpointFailure,
        of subject: ProbeSubject?
    ) {
        let texts = CauseTexts(entry.cause, failure, client: subject?.client, grant: subject?.grant)
        self.init(
            id: entry.cause.id.rawValue,
            summary: texts.summary,
            confidence: confidence,
            evidence: entry.evidence,
            against: entry.counterEvidence.isEmpty ? nil : entry.counterEvidence,
            remedy: texts.remedy,
            lookUp: texts.lookUp
        )
    }

    /// A failure that the catalogue has no causes for.
    init(_ explanation: Explanation, _ failure: TokenEndpointFailure) {
        self.init(
            id: explanation.cause,
            summary: explanation.summary,
            confidence: failure.localFault == nil ? .possible : .certain,
            evidence: [FailureRecord(failure).evidence],
            remedy: explanation.remedy
        )
    }
}

extension FailureRecord {
    /// How it stands in the evidence.
    package var evidence: String { "The failure is \(said)." }

    init(_ failure: TokenEndpointFailure) {
        self.init(
            error: failure.error,
            serverStatus: failure.serverStatus,
            serverWords: failure.serverWords,
            providerCode: failure.providerCode,
            requestID: failure.requestID
        )
    }
}
