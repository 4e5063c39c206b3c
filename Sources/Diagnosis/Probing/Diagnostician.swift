import OAuth2

/// Plans the cheapest probes that tell the likeliest causes of a failure apart, and stops when one stands out.
///
/// Nothing is asked here: `next` says what to ask, and `learn` takes what came of it.
package struct Diagnostician: Sendable {
    package let subject: ProbeSubject

    /// What is diagnosed; nil while nothing is wrong.
    package private(set) var symptom: Symptom?

    /// The failure that stood before, where it is over.
    private(set) var past: TokenEndpointFailure?
    private(set) var observations: [Observation]
    private(set) var records: [ProbeRecord] = []
    private(set) var outcomes: [Probe: ProbeOutcome] = [:]
    private var standings: [Probe: Standing] = [:]

    /// Whether some probe met the failure, so that it still stands.
    private var isMetAgain = false
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
        self.observations.append(
            subject.hasScope
                ? Observation(.scopeNamed, "The request names a scope.")
                : Observation(.noScopeNamed, "The request names no scope.")
        )
    }

    /// The cheapest probe that is worth its cost; nil when nothing more is to be learned.
    package func next() -> Probe? {
        let left = subject.probes.enumerated().filter { outcomes[$0.element] == nil }
            .sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }.map(\.element)
        guard let symptom else {
            let isEnough = subject.isServed && !subject.mayCost
            return past == nil ? left.first { Self.checkUp.contains($0) && !($0 == .asConfigured && isEnough) } : nil
        }
        let ranking = Ranking(symptom, observations)
        if !ranking.isSettled {
            for probe in left where separates(probe, ranking.rivals) {
                if isTimely(probe) { return probe }
                // What it compares itself with comes first.
                if probe.needsControl, outcomes[.fakeRefreshToken] == nil { return .fakeRefreshToken }
            }
        }
        return left.first { $0 == .asConfigured && isWorthAsking(again: symptom.failure) }
    }

    /// What a client without a failure is looked over by.
    private static let checkUp: Set<Probe> = [
        .name, .connection, .metadata, .keys, .fakeRefreshToken, .asConfigured,
    ]

    /// Whether what `probe` compares itself with is known, and leaves something to learn.
    private func isTimely(_ probe: Probe) -> Bool {
        switch probe {
        case .variant, .madeUpSecret, .madeUpClient:
            guard outcomes[.fakeRefreshToken] != nil, !isPastClient else { return false }
            guard case .variant = probe, subject.presentation(of: probe) != .ownAuthority else { return true }
            return standings[.fakeRefreshToken] == .clientRefused
        case .name, .connection, .metadata, .keys, .fakeRefreshToken, .fakeCode, .asConfigured, .withoutScope:
            return true
        }
    }

    /// Whether the server has been seen to accept the client as it is configured.
    private var isPastClient: Bool {
        [Probe.fakeRefreshToken, .fakeCode, .asConfigured].contains { standings[$0]?.isPastClient ?? false }
    }

    /// Whether the findings of `probe` mean something else to the first of `rivals` than to another.
    private func separates(_ probe: Probe, _ rivals: [Ranking.Entry]) -> Bool {
        guard let first = rivals.first?.cause else { return false }
        let known = Set(observations.map(\.finding))
        return probe.findings.subtracting(known).contains { finding in
            let points = first.evidence[finding, default: 0]
            return rivals.dropFirst().contains {
                abs($0.cause.evidence[finding, default: 0] - points) >= Self.worthAsking
            }
        }
    }

    /// Points that can change the order.
    private static let worthAsking = 15

    /// Whether to ask as configured whether a failure that no probe has met is over.
    private func isWorthAsking(again failure: TokenEndpointFailure) -> Bool {
        guard !isMetAgain, failure.localFault == nil, failure.failureClass != .halted else { return false }
        return failure.serverStatus != 429 && failure.retryAfter == nil
    }

    /// Takes what came of `probe`, which was sent at `time`, since 1970-01-01 UTC.
    package mutating func learn(from probe: Probe, _ outcome: ProbeOutcome, at time: Duration) {
        outcomes[probe] = outcome
        let context = ProbeReading.Context(subject: subject, symptom: symptom, fake: failure(of: .fakeRefreshToken))
        let reading = ProbeReading(probe, outcome, in: context, at: time)
        observations += reading.observations
        records.append(reading.record)
        standings[probe] = reading.standing
        if areVariantsRefused {
            observations.append(Observation(.noVariantAccepted, "No other way to send the secret is accepted either."))
        }
        if reading.isGranted || isOver {
            past = symptom?.failure
            symptom = nil
        } else if let failure = reading.failure {
            meet(failure, by: probe)
        }
    }

    private mutating func meet(_ failure: TokenEndpointFailure, by probe: Probe) {
        guard let symptom else {
            let grant = probe == .fakeRefreshToken ? Grant.refreshToken : subject.grant
            self.symptom = Symptom(provider: subject.provider, grant: grant, failure: failure)
            return
        }
        isMetAgain = true
        // What the client meets now says more than what it met before.
        if probe == .asConfigured, AnswerLook(failure) != AnswerLook(symptom.failure) {
            self.symptom = Symptom(provider: subject.provider, grant: subject.grant, failure: failure)
        }
    }

    /// Whether the way to the server was blocked, and is free for a client that cannot be tried further.
    private var isOver: Bool {
        guard let failure = symptom?.failure, failure.transport != nil, !subject.mayAsk else { return false }
        return standings[.fakeRefreshToken]?.isPastClient ?? false
    }

    /// Whether every way to authenticate was tried to no avail.
    private var areVariantsRefused: Bool {
        let variants = subject.probes.filter {
            guard case .variant = $0 else { return false }
            return true
        }
        return !variants.isEmpty && !observations.contains { $0.finding == .noVariantAccepted }
            && variants.allSatisfy { standings[$0].map { $0 == .clientRefused || $0 == .unclear } ?? false }
            && observations.allSatisfy { !Self.accepted.contains($0.finding) }
    }

    private static let accepted: Set<Finding> = [
        .otherEncodingAccepted, .otherMethodAccepted, .otherSecretAccepted, .noSecretAccepted,
    ]

    private func failure(of probe: Probe) -> TokenEndpointFailure? {
        guard case .answer(.failure(let failure), _) = outcomes[probe] else { return nil }
        return failure
    }

    /// What it came to.
    ///
    /// - Parameter health: How the client's token is, for one that is healthy.
    package func report(health: Health) -> DiagnosisReport { DiagnosisReport(self, health: health) }
}
