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
            Goal.table(goals(day, scenario)),
        ]
        try report.publish(text.joined(separator: "\n\n"), as: "simulation")
    }

    private func table(_ day: Day, _ scenario: Scenario) -> MarkdownTable {
        var table = MarkdownTable([
            "hours", "part of the day", "requests/s", "busiest second", "without a token at the end",
            "callers served at once", "after waiting", "failed", "wait for the turn p50", "p99",
        ])
        for phase in day.phases {
            table.append([
                "\(Self.hour(phase.time.lowerBound))–\(Self.hour(phase.time.upperBound))",
                phase.name,
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
        let minutes = Int(time / .seconds(60))
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

    private func goals(_ day: Day, _ scenario: Scenario) -> [Goal] {
        let phases = day.phases
        let calm = phases.filter { $0.name.hasPrefix("calm") }
        let start = phases[0]
        let outage = phases.first { $0.name == "outage of an hour" }
        let after = phases.first { $0.name == "the hour after it" }
        let least = Double(scenario.slots) / scenario.tokensPerSecond
        let unheard = phases.filter {
            ["outage of ten minutes", "after it", "restart, tokens stored"].contains($0.name)
        }
        // A token is refreshed at 0.75 of its life.
        let refreshes = calm.reduce(0) { sum, phase in
            sum + Double(scenario.slots) * (phase.time.upperBound - phase.time.lowerBound) / (scenario.lifetime * 0.75)
        }
        return [
            Goal(
                "most requests within any second",
                .atMost,
                Double(scenario.requestsPerSecond),
                measured: Double(phases.map(\.busiestSecond).max() ?? 0)
            ),
            Goal(
                "token requests for each that a calm day takes",
                .atMost,
                1.05,
                measured: Double(calm.reduce(0) { $0 + $1.requests }) / refreshes
            ),
            Goal(
                "callers that wait or fail while all is calm",
                .atMost,
                0,
                measured: Double(calm.reduce(0) { $0 + $1.waited + $1.failed })
            ),
            Goal(
                "callers that wait or fail in an outage of ten minutes, and after a restart",
                .atMost,
                0,
                measured: Double(unheard.reduce(0) { $0 + $1.waited + $1.failed })
            ),
            Goal(
                "time to the last first token, to the least that the budget takes",
                .atMost,
                1.1,
                measured: (start.gapsEnd ?? .zero) / .seconds(1) / least
            ),
            Goal(
                "time to the last token after an outage of an hour, to the same",
                .atMost,
                1.1,
                measured: ((after?.gapsEnd ?? .zero) - (outage?.time.upperBound ?? .zero)) / .seconds(1) / least
            ),
        ]
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
