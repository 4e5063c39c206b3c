import OAuth2

/// The causes that a failure may have, by what speaks for each and against it.
struct Ranking: Sendable {
    /// A cause with its points.
    struct Entry: Sendable {
        let cause: Cause
        var points: Int

        /// Whether the failure's look suggests it.
        var isSuspected = false

        /// Whether something was found that only this cause brings about.
        var isProved = false

        /// Whether something was found that it cannot go with.
        var isDisproved = false

        /// What spoke for it, then what against it.
        var evidence: [String] = []
        var counterEvidence: [String] = []
    }

    /// One that leads the next by as much stands out.
    static let clearLead = 40

    /// One that leads by as much, and has as much for it as a proof, is as good as proved.
    private static let wideLead = 80

    /// What a cause that the failure's look does not suggest needs to be possible: more than what speaks for all of its
    /// kind.
    private static let ownWeight = Points.support + Points.hint + 1

    /// The likeliest first.
    private(set) var entries: [Entry]

    /// What a probe or the history finds brings its cause up even where the failure's look does not suggest it; what the
    /// configuration looks like does not.
    static let telling: Set<Finding> = [
        .fakeGrantNotAllowed, .otherEncodingAccepted, .otherMethodAccepted, .otherSecretAccepted, .noSecretAccepted,
        .unreachable, .certificateExpired, .certificateForAnotherName, .certificateUntrusted, .proxyRefused,
        .firstErrorOfChain,
    ]

    /// The causes of `symptom` in the light of `observations`, with those that an observation alone brings up.
    ///
    /// - Parameter guessing: Whether causes may be guessed where no row knows the failure's look.
    init(_ symptom: Symptom, _ observations: [Observation], guessing: Bool = true) {
        var suspects = Catalogue.suspects(symptom)
        if suspects.isEmpty, guessing, symptom.failure.localFault == nil { suspects = Catalogue.guesses(symptom) }
        let observations = observations + Ranking.implied(by: symptom.failure)
        var telling = Set(observations.map(\.finding)).intersection(Ranking.telling)
        // A code is used up by every attempt; a refresh token only by some, and whatever else ends it may have come since.
        if symptom.grant == .refreshToken { telling.remove(.firstErrorOfChain) }
        let entries = Catalogue.causes(of: symptom.provider).compactMap { cause -> Entry? in
            let prior = suspects[cause.id]
            guard prior != nil || telling.contains(where: { cause.evidence[$0, default: 0] >= Points.proof }) else {
                return nil
            }
            return Ranking.entry(cause, prior ?? 0, symptom.failure, observations)
        }
        // Stable, so that equals stay in the catalogue's order.
        self.entries = entries.enumerated().sorted {
            ($1.element.points, $0.offset) < ($0.element.points, $1.offset)
        }.map(\.element)
    }

    private static func entry(
        _ cause: Cause,
        _ prior: Int,
        _ failure: TokenEndpointFailure,
        _ observations: [Observation]
    ) -> Entry {
        var entry = Entry(cause: cause, points: prior, isSuspected: prior > 0, isProved: prior >= Points.proof)
        if prior > 0 { entry.evidence.append(FailureRecord(failure).evidence) }
        var counted: Set<Finding> = []
        for observation in observations {
            let points = cause.evidence[observation.finding, default: 0]
            guard points != 0, counted.insert(observation.finding).inserted else { continue }
            entry.points += points
            if points > 0 {
                entry.evidence.append(observation.evidence)
                if points >= Points.proof { entry.isProved = true }
            } else {
                entry.counterEvidence.append(observation.evidence)
                if points <= Points.disproof { entry.isDisproved = true }
            }
        }
        return entry
    }

    /// What the failure itself says of the clocks and of the refresh token.
    private static func implied(by failure: TokenEndpointFailure) -> [Observation] {
        var observations: [Observation] = []
        if let skew = failure.assertion?.clockSkew ?? failure.clockSkew {
            observations.append(Observation(clockSkew: skew))
        }
        if let unanswered = failure.unanswered {
            observations.append(Observation(.refreshTokenUnanswered, unanswered.summary))
        }
        return observations
    }

    /// The leading causes that nothing tells apart; the first alone when it stands out from all others.
    var leaders: [Entry] {
        guard let first = entries.first else { return [] }
        return entries.filter { $0.cause.id == first.cause.id || isLevel($0, with: first) }
    }

    private func isLevel(_ entry: Entry, with first: Entry) -> Bool {
        let isAlike = first.cause.alike.contains(entry.cause.id) || entry.cause.alike.contains(first.cause.id)
        return isAlike && first.points - entry.points < Ranking.clearLead && entry.points > 0
    }

    /// Whether the first stands out from all others, so that nothing more need be asked.
    var isSettled: Bool {
        guard let first = entries.first else { return true }
        let lead = first.points - (entries.dropFirst().first?.points ?? 0)
        return first.isProved ? lead >= Ranking.clearLead : lead >= Points.proof
    }

    /// Those that may still be it.
    var rivals: [Entry] {
        guard let first = entries.first else { return [] }
        return entries.filter { first.points - $0.points < Points.proof }
    }

    func confidence(at place: Int) -> Confidence {
        let entry = entries[place]
        if place > 0, !entry.isSuspected, entry.points < Ranking.ownWeight { return .unlikely }
        guard place == 0, leaders.count == 1 else { return entry.points <= 0 ? .unlikely : .possible }
        let lead = entry.points - (entries.dropFirst().first?.points ?? 0)
        guard lead >= Ranking.clearLead else { return entry.points <= 0 ? .unlikely : .possible }
        // What contradicts itself is not certain, whatever else speaks for it.
        let isCertain =
            !entry.isDisproved && (entry.isProved || (entry.points >= Points.proof && lead >= Ranking.wideLead))
        return isCertain ? .certain : .likely
    }
}
