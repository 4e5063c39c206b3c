/// A day of a fleet's life: it starts without a token, the server is away twice, and the machine restarts once.
package struct Day: Sendable {
    /// What happened when.
    package let phases: [Phase]

    /// How many requests came in each second.
    package let arrivals: [Int32]

    private static let length = hours(24)
    private static let shortOutage = hours(5)..<(hours(5) + .seconds(600))
    private static let longOutage = hours(9)..<hours(10)
    private static let restart = hours(16)

    /// The machine's own time, in which nobody is served.
    private static let downtime: Duration = .seconds(60)

    /// Lives through the day with the slots and the budget of `scenario`; `note` hears of each part as it ends.
    package init(_ scenario: Scenario, note: (Phase) -> Void = { _ in }) throws(BrokenInvariant) {
        var scenario = scenario
        scenario.outages = [Self.shortOutage, Self.longOutage]
        var fleet = try Fleet(scenario, length: Self.length)
        fleet.letCallersCome(every: .seconds(900))
        var phases: [Phase] = []
        for (name, end) in Self.parts {
            phases.append(try fleet.run(name, until: end))
            note(phases[phases.count - 1])
            if end == Self.restart { try fleet.restart(downtime: Self.downtime) }
        }
        self.phases = phases
        arrivals = fleet.arrivals
    }

    private static let parts = [
        ("start, nothing stored", hours(1)),
        ("calm", shortOutage.lowerBound),
        ("outage of ten minutes", shortOutage.upperBound),
        ("after it", hours(6)),
        ("calm again", longOutage.lowerBound),
        ("outage of an hour", longOutage.upperBound),
        ("the hour after it", hours(11)),
        ("calm once more", restart),
        ("restart, tokens stored", hours(17)),
        ("the rest of the day", length),
    ]

    private static func hours(_ count: Double) -> Duration { .seconds(3_600) * count }

    /// How many requests a second came, on average over each stretch of this many seconds.
    package func rates(every seconds: Int) -> [Double] {
        stride(from: 0, to: arrivals.count - seconds + 1, by: seconds).map { start in
            Double(arrivals[start..<start + seconds].reduce(0) { $0 + Int($1) }) / Double(seconds)
        }
    }
}
