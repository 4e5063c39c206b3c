import OAuth2

/// The causes that a failure may have, by what speaks for each and against it.
package struct Ranking: Sendable {
    /// A cause with its points.
    struct Entry: Sendable {
        let cause: Cause
        var points: Int

        /// Whether something was found that only this cause brings about.
        var isProved = false

        /// What spoke for it, then what against it.
        var evidence: [String] = []
        var counterEvidence: [String] = []
    }

    /// One that leads the next by as much stands out.
    static let clearLead = 40

    /// The likeliest first.
    private(set) var entries: [Entry]

    /// The causes of `symptom` in the light of `observations`, with those that an observation alone brings up.
    package init(_ symptom: Symptom, _ observations: [Observation]) {
        let suspects = Catalogue.suspects(symptom)
        var entries: [Entry] = []
        for cause in Catalogue.causes(of: symptom.provider) {
            let prior = suspects[cause.id]
            let isProved = observations.contains { cause.evidence[$0.finding, default: 0] >= Points.proof }
            guard prior != nil || isProved else { continue }
            var entry = Entry(cause: cause, points: prior ?? 0, isProved: isProved)
            var counted: Set<Finding> = []
            for observation in observations {
                let points = cause.evidence[observation.finding, default: 0]
                guard points != 0, counted.insert(observation.finding).inserted else { continue }
                entry.points += points
                if points > 0 {
                    entry.evidence.append(observation.evidence)
                } else {
                    entry.counterEvidence.append(observation.evidence)
                }
            }
            entries.append(entry)
        }
        // Stable, so that equals stay in the catalogue's order.
        self.entries = entries.enumerated().sorted {
            ($1.element.points, $0.offset) < ($0.element.points, $1.offset)
        }.map(\.element)
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

    /// Whether the first is proved, or leads all that could be told from it.
    var isSettled: Bool {
        guard let first = entries.first, first.isProved else { return false }
        let alike = Set(leaders.map(\.cause.id))
        return entries.allSatisfy { alike.contains($0.cause.id) || first.points - $0.points >= Ranking.clearLead }
    }

    /// Those that may still be it.
    var rivals: [Entry] {
        guard let first = entries.first else { return [] }
        return entries.filter { first.points - $0.points < Points.proof }
    }

    func confidence(at place: Int) -> Confidence {
        let entry = entries[place]
        if place == 0, leaders.count == 1 {
            let lead = entries.count > 1 ? entry.points - entries[1].points : entry.points
            if entry.isProved, lead >= Ranking.clearLead { return .certain }
            if lead >= Ranking.clearLead { return .likely }
        }
        return entry.points <= 0 ? .unlikely : .possible
    }
}
