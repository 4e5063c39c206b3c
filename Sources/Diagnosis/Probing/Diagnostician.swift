import OAuth2

/// Plans the cheapest probes that tell the likeliest causes of a failure apart, and stops when one stands out.
///
/// Nothing is asked here: `next` says what to ask, and `learn` takes what came of it.
package struct Diagnostician: Sendable {
    package let subject: ProbeSubject

    /// What is diagnosed; nil while nothing is wrong.
    package private(set) var symptom: Symptom?
    private var observations: [Observation]
    private var records: [ProbeRecord] = []
    private var asked: Set<Probe> = []
    private var outcomes: [Probe: ProbeOutcome] = [:]
    private let now: Duration

    /// - Parameters:
    ///   - symptom: The failure that stands; nil for a client that has none, which is looked over all the same.
    ///   - observations: What the configuration and the history tell.
    ///   - now: When, since 1970-01-01 UTC.
    package init(_ subject: ProbeSubject, symptom: Symptom?, observations: [Observation], now: Duration) {
        self.subject = subject
        self.symptom = symptom
        self.observations = observations
        self.now = now
    }

    /// The cheapest probe that is worth its cost; nil when nothing more is to be learned.
    package func next() -> Probe? {
        let left = subject.probes.filter { !asked.contains($0) }.sorted { $0.cost < $1.cost }
        guard let symptom else { return left.first { Self.checkUp.contains($0) } }
        let ranking = Ranking(symptom, observations)
        guard !ranking.isSettled else { return nil }
        let rivals = ranking.rivals.map(\.cause)
        guard rivals.count > 1 else { return nil }
        return left.first { probe in
            let isNeeded = !(probe == .madeUpSecret || probe == .madeUpClient) || outcomes[.fakeRefreshToken] != nil
            return isNeeded && separates(probe, rivals)
        }
    }

    /// What a client without a failure is looked over by.
    private static let checkUp: Set<Probe> = [
        .name, .connection, .metadata, .keys, .fakeRefreshToken, .asConfigured,
    ]

    /// Whether the findings of `probe` mean something else to one of `causes` than to another.
    private func separates(_ probe: Probe, _ causes: [Cause]) -> Bool {
        probe.findings.contains { finding in
            Set(causes.map { $0.evidence[finding, default: 0] }).count > 1
        }
    }

    /// Takes what came of `probe`, which was sent at `time`, since 1970-01-01 UTC.
    package mutating func learn(from probe: Probe, _ outcome: ProbeOutcome, at time: Duration) {
        asked.insert(probe)
        outcomes[probe] = outcome
        let reading = ProbeReading(probe, outcome, of: subject, control: outcomes[.fakeRefreshToken], now: time)
        observations += reading.observations
        records.append(reading.record)
        if symptom == nil, let failure = reading.symptom {
            symptom = Symptom(provider: subject.provider, grant: subject.grant, failure: failure)
        }
    }

    /// What it came to.
    ///
    /// - Parameter health: How the client's token is, for one that is healthy.
    package func report(health: Health) -> DiagnosisReport {
        DiagnosisReport(
            subject,
            symptom: symptom,
            observations: observations,
            records: records,
            health: health
        )
    }
}
