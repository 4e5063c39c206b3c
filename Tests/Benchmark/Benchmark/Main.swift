import ArgumentParser

/// The benchmarks of the project, a subcommand each; what they print stands in docs/PERFORMANCE.md too.
@main
struct Benchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Measure tokenbroker beside what it is to be compared with.",
        subcommands: measurements + [AllBenchmarks.self]
    )

    /// In the order of the document.
    static let measurements: [any ParsableCommand.Type] = [
        Fetch.self, Instructions.self, CommandBenchmark.self, Memory.self, Start.self, Refresh.self, Simulate.self,
    ]
}
