import OAuth2

extension DiagnosisReport {
    /// The report of a diagnosis that has come this far.
    init(
        _ subject: ProbeSubject,
        symptom: Symptom?,
        observations: [Observation],
        records: [ProbeRecord],
        health: Health
    ) {
        self.init(
            client: subject.client.value,
            provider: subject.provider.rawValue,
            grant: subject.grant.name,
            healthy: symptom == nil,
            verdict: symptom == nil ? "Nothing is wrong with the client." : "",
            probes: records,
            health: symptom == nil ? health : nil
        )
        guard let symptom else { return }
        let ranking = Ranking(symptom, observations)
        causes = ranking.entries.indices.map { place in
            RankedCause(ranking.entries[place], ranking.confidence(at: place), client: subject.client)
        }
        inseparable = ranking.leaders.count > 1 ? ranking.leaders.map(\.cause.id.rawValue) : []
        verdict = causes.first?.summary ?? ""
    }
}

extension DiagnosisReport {
    /// The report on a failure of which only its look is known.
    init(explaining symptom: Symptom, observations: [Observation]) {
        let ranking = Ranking(symptom, observations)
        self.init(
            provider: symptom.provider.rawValue,
            grant: symptom.grant?.name,
            healthy: false,
            verdict: "",
            causes: ranking.entries.indices.map { place in
                RankedCause(ranking.entries[place], ranking.confidence(at: place), client: nil)
            },
            inseparable: ranking.leaders.count > 1 ? ranking.leaders.map(\.cause.id.rawValue) : []
        )
        verdict = causes.first?.summary ?? ""
    }
}

extension RankedCause {
    init(_ entry: Ranking.Entry, _ confidence: Confidence, client: ClientName?) {
        self.init(
            id: entry.cause.id.rawValue,
            summary: entry.cause.summary,
            confidence: confidence,
            evidence: entry.evidence + entry.counterEvidence,
            remedy: entry.cause.remedy,
            lookUp: entry.cause.lookUp
        )
    }
}
