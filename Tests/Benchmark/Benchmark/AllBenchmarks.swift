import ArgumentParser
import Benchmarking
import Foundation

/// Every benchmark, in a process of its own each.
struct AllBenchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "all",
        abstract: "All of them, one after the other; one that fails is told, and does not keep the others from it."
    )

    @OptionGroup var options: ReportOptions

    func run() throws {
        var failed: [String] = []
        for measurement in Benchmark.measurements {
            let name = measurement._commandName
            try FileHandle.standardOutput.write(contentsOf: Data("\n## \(name)\n\n".utf8))
            let benchmark = try ChildProcess(Binaries.path("benchmark"), [name] + options.arguments, output: .inherited)
            if benchmark.wait().status != 0 { failed.append(name) }
        }
        guard failed.isEmpty else { throw BenchmarkFailure("failed: \(failed.joined(separator: ", "))") }
    }
}
