package import OAuth2

extension TokenSlotMachine {
    /// The store hears of demand no more often: a restart need not know it better.
    package static let lastAskedInterval: Duration = .seconds(3_600)

    /// When a caller last asked, by this boot's clocks.
    package var lastAsked: Moment? { lastAskedMoment }

    /// Whether the token is refreshed ahead of its end.
    func isWarm(_ now: Moment) -> Bool {
        switch policy.keepWarm {
        case .always: true
        case .never: false
        case .during(let duration): lastAskedMoment.map { now.sinceBoot - $0.sinceBoot < duration } ?? false
        }
    }

    /// Remembers that a caller asked, and tells the store now and then.
    mutating func noteDemand(_ now: Moment) -> [Action] {
        guard !isRemoved else { return [] }
        lastAskedMoment = now
        if let lastAskedRecorded, now.sinceBoot - lastAskedRecorded < Self.lastAskedInterval { return [] }
        lastAskedRecorded = now.sinceBoot
        return [.recordLastAsked(now)]
    }

    /// Places what the store remembers of demand on this boot's clocks.
    mutating func takeOver(_ lastAsked: Receipt, _ now: Moment) {
        let asked = lastAsked.moment
        let age =
            lastAsked.boot == boot ? now.sinceBoot - asked.sinceBoot : now.sinceEpoch - asked.sinceEpoch
        // A wall clock that is behind makes it look like the future: somebody asked not long ago.
        let placed = now.advanced(by: .zero - max(.zero, age))
        lastAskedMoment = placed
        lastAskedRecorded = placed.sinceBoot
    }
}
