/// How refreshes that begin together spread over a day.
package struct Spread: Sendable {
    /// In a round of refreshes, the requests of the busiest minute to those of a mean one.
    package let busiestMinutes: [(round: Int, ratio: Double)]

    /// Those of a fleet that starts without a token and has `scenario`'s budget.
    package init(_ scenario: Scenario) throws(BrokenInvariant) {
        let round = scenario.lifetime * 3 / 4
        let rounds = [1, 2, 4, 8, 16, 31]
        let length = round * 32
        var fleet = try Fleet(scenario, length: length)
        _ = try fleet.run("day", until: length)
        let seconds = Int(round / .seconds(1))
        let arrivals = fleet.arrivals
        busiestMinutes = rounds.map { number in
            let minutes = stride(from: number * seconds, to: (number + 1) * seconds, by: 60).map { start in
                arrivals[start..<start + 60].reduce(0) { $0 + Int($1) }
            }
            let mean = Double(minutes.reduce(0, +)) / Double(minutes.count)
            return (number, Double(minutes.max() ?? 0) / mean)
        }
    }
}
