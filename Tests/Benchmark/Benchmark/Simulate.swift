import ArgumentParser
import Benchmarking
import Simulation

/// `benchmark simulate`: how many slots live through a day, and what their server notices of it.
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A million token slots of one authorization server over a simulated day."
    )

    @OptionGroup var report: ReportOptions

    @Option(help: "How many slots there are; the server's budget is in proportion.")
    var slots: Int?

    func validate() throws {
        guard let slots, !(1_000...Scenario.mostSlots).contains(slots) else { return }
        throw ValidationError("--slots is from 1,000 to \(Figure.grouped(Scenario.mostSlots))")
    }

    func run() throws {
        let scenario = Scenario(slots: slots ?? (report.quick ? 2_000 : 1_000_000))
        let clock = ContinuousClock()
        let start = clock.now
        let day = try Day(scenario)
        let time = clock.now - start
        let text = [
            "\(Figure.grouped(scenario.slots)) slots with tokens of an hour, one server that takes "
                + "\(scenario.requestsPerSecond) requests a second and \(scenario.concurrent) at once; "
                + "simulated in \(Figure.text(time / .seconds(1))) s.",
            table(day, scenario).text,
            chart(day, scenario),
            try spread(),
            try failing(),
            Goal.table(Self.goals(day, scenario)),
        ]
        try report.publish(text.joined(separator: "\n\n"), as: "simulate")
    }

    private func table(_ day: Day, _ scenario: Scenario) -> MarkdownTable {
        var table = MarkdownTable([
            "part of the day", "hours", "requests/s", "busiest second", "without a token at the end",
            "callers served at once", "after waiting", "failed", "wait for the turn p50", "p99",
        ])
        for (_, phase) in day.phases {
            table.append([
                phase.name,
                "\(Self.hour(phase.time.lowerBound))–\(Self.hour(phase.time.upperBound))",
                Figure.text(phase.requestsPerSecond),
                "\(Figure.grouped(phase.busiestSecond)) of \(scenario.requestsPerSecond)",
                Figure.grouped(phase.withoutToken),
                share(phase.served, of: phase),
                share(phase.waited, of: phase),
                share(phase.failed, of: phase),
                seconds(phase.queueing.quantile(0.5)),
                seconds(phase.queueing.quantile(0.99)),
            ])
        }
        return table
    }

    private func share(_ count: Int, of phase: Phase) -> String {
        count == 0 ? "0" : "\(Figure.text(100 * Double(count) / Double(phase.calls))) %"
    }

    private func seconds(_ duration: Duration) -> String { "\(Figure.text(duration / .seconds(1), digits: 2)) s" }

    private static func hour(_ time: Duration) -> String {
        let minutes = Int((time / .seconds(60)).rounded())
        let tail = minutes % 60
        return "\(minutes / 60):\(tail < 10 ? "0" : "")\(tail)"
    }

    /// A character a quarter of an hour.
    private func chart(_ day: Day, _ scenario: Scenario) -> String {
        let ruler = (0..<24).map { "\($0)".padded(to: 4) }.joined()
        let bars = Strip.text(day.rates(every: 900), top: Double(scenario.requestsPerSecond))
        return """
            Requests a second over the day, a character a quarter of an hour; a full one is the budget:

            ```
            \(ruler)
            \(bars)
            ```
            """
    }

    /// What clients that always fail cost the others.
    private func failing() throws -> String {
        var table = MarkdownTable(["always failing", "requests/s", "in vain", "times that another was without a token"])
        for percent in [0, 1, 10, 30] {
            var scenario = Scenario(slots: report.quick ? 1_000 : 10_000)
            // The budget of a server that nobody configured, or as much of it.
            scenario.requestsPerSecond = scenario.slots / 500
            scenario.concurrent = max(1, scenario.slots / 1_250)
            scenario.failingSlots = scenario.slots * percent / 100
            var fleet = try Simulation.Fleet(scenario, length: .seconds(6 * 3_600))
            _ = try fleet.run("start", until: .seconds(3_600))
            let phase = try fleet.run("day", until: .seconds(6 * 3_600))
            let vain = Double(phase.failedRequests) / Double(phase.requests)
            table.append([
                "\(percent) %",
                Figure.text(phase.requestsPerSecond),
                "\(Figure.text(100 * vain)) %",
                Figure.grouped(phase.gaps.count),
            ])
        }
        return """
            Where the server is up and fails some clients whatever they do, five hours of \
            \(report.quick ? "1,000" : "10,000") slots:

            \(table.text)
            """
    }

    /// What becomes of refreshes that begin together, where the budget does not keep them apart.
    private func spread() throws -> String {
        var scenario = Scenario(slots: report.quick ? 2_000 : 100_000)
        scenario.requestsPerSecond *= 10
        scenario.concurrent *= 10
        let day = try Spread(scenario)
        var table = MarkdownTable(["round of refreshes"] + day.busiestMinutes.map { "\($0.round)" })
        table.append(["busiest minute / mean"] + day.busiestMinutes.map { Figure.text($0.ratio) })
        return """
            With ten times the budget all \(Figure.grouped(scenario.slots)) first tokens come within minutes; jitter \
            spreads their refreshes from round to round:

            \(table.text)
            """
    }
}

extension Simulate {
    private static func goals(_ day: Day, _ scenario: Scenario) -> [Goal] {
        let phases = day.phases.map(\.phase)
        let calm = day.phases.filter(\.part.isCalm).map(\.phase)
        let outlived = day.phases.filter(\.part.isOutlived).map(\.phase)
        let busiest = phases.map(\.busiestSecond).max() ?? 0
        return [
            Goal(
                "most requests within any second",
                .atMost,
                Double(scenario.requestsPerSecond),
                measured: Double(busiest)
            ),
            Goal(
                "requests while all is calm, to one for each refresh at 0.75 of a token's life",
                .atMost,
                1.05,
                measured: Double(calm.reduce(0) { $0 + $1.requests }) / refreshes(of: scenario, in: calm)
            ),
            Goal("callers that wait or fail while all is calm", .atMost, 0, measured: unserved(calm)),
            Goal(
                "callers that wait or fail in and after an outage of ten minutes, and after a restart",
                .atMost,
                0,
                measured: unserved(outlived)
            ),
            Goal(
                "time from the start to the last first token, to what the budget takes",
                .atMost,
                1.1,
                measured: rush(to: day[.start].gapsEnd, from: .zero, scenario)
            ),
            Goal(
                "time from the end of an outage of an hour to the last token, to the same",
                .atMost,
                1.1,
                measured: rush(to: day[.afterLongOutage].gapsEnd, from: day[.longOutage].time.upperBound, scenario)
            ),
        ]
    }

    private static func refreshes(of scenario: Scenario, in phases: [Phase]) -> Double {
        let time: Duration = phases.reduce(.zero) { $0 + $1.time.upperBound - $1.time.lowerBound }
        return Double(scenario.slots) * (time / (scenario.lifetime * 0.75))
    }

    private static func unserved(_ phases: [Phase]) -> Double {
        Double(phases.reduce(0) { $0 + $1.waited + $1.failed })
    }

    /// How long it took until all had a token, to the least that the budget allows; not a number when some have none.
    private static func rush(to end: Duration?, from start: Duration, _ scenario: Scenario) -> Double {
        guard let end else { return .nan }
        return (end - start) / .seconds(Double(scenario.slots) / scenario.tokensPerSecond)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
