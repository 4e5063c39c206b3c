/// A day of a fleet's life: it starts without a token, the server is away twice, and the machine restarts once.
package struct Day: Sendable {
    /// The parts of the day, in their order.
    package enum Part: String, Sendable, CaseIterable {
        case start = "start, nothing stored"
        case calm
        case shortOutage = "outage of ten minutes"
        case afterShortOutage = "after it"
        case calmAgain = "calm again"
        case longOutage = "outage of an hour"
        case afterLongOutage = "the hour after it"
        case calmOnceMore = "calm once more"
        case restart = "restart, tokens stored"
        case rest = "the rest of the day"

        fileprivate var end: Duration {
            switch self {
            case .start: hours(1)
            case .calm: Day.shortOutage.lowerBound
            case .shortOutage: Day.shortOutage.upperBound
            case .afterShortOutage: hours(6)
            case .calmAgain: Day.longOutage.lowerBound
            case .longOutage: Day.longOutage.upperBound
            case .afterLongOutage: hours(11)
            case .calmOnceMore: Day.restart
            case .restart: hours(17)
            case .rest: Day.length
            }
        }

        /// Whether nothing is going on but refreshes.
        package var isCalm: Bool { [.calm, .calmAgain, .calmOnceMore, .rest].contains(self) }

        /// Whether something is going on that tokens outlive.
        package var isOutlived: Bool { [.shortOutage, .afterShortOutage, .restart].contains(self) }
    }

    /// What was seen in each part.
    package let phases: [(part: Part, phase: Phase)]

    /// How many requests came in each second.
    package let arrivals: [Int32]

    fileprivate static let length = hours(24)
    fileprivate static let shortOutage = hours(5)..<(hours(5) + .seconds(600))
    fileprivate static let longOutage = hours(9)..<hours(10)
    fileprivate static let restart = hours(16)

    /// The machine's own time, in which nobody is served.
    private static let downtime: Duration = .seconds(60)

    /// Lives through the day with the slots and the budget of `scenario`.
    package init(_ scenario: Scenario) throws(BrokenInvariant) {
        var scenario = scenario
        scenario.outages = [Self.shortOutage, Self.longOutage]
        var fleet = try Fleet(scenario, length: Self.length)
        fleet.letCallersCome(every: .seconds(900))
        var phases: [(Part, Phase)] = []
        for part in Part.allCases {
            if part == .restart { try fleet.restart(downtime: Self.downtime) }
            phases.append((part, try fleet.run(part.rawValue, until: part.end)))
        }
        self.phases = phases
        arrivals = fleet.arrivals
    }

    /// What was seen in this part.
    package subscript(part: Part) -> Phase { phases.first { $0.part == part }!.phase }

    /// How many requests a second came, on average over each stretch of this many seconds.
    package func rates(every seconds: Int) -> [Double] {
        stride(from: 0, to: arrivals.count - seconds + 1, by: seconds).map { start in
            Double(arrivals[start..<start + seconds].reduce(0) { $0 + Int($1) }) / Double(seconds)
        }
    }
}

private func hours(_ count: Double) -> Duration { .seconds(3_600) * count }
