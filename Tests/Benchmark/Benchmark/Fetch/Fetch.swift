import ArgumentParser
import Benchmarking

/// A fetch of a cached token, beside servers that know the answer before they are asked.
struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A cached token over the Unix socket, beside nginx, Redis and a C server that answers a constant."
    )

    @OptionGroup var options: ReportOptions

    func run() throws {
        Processors.pin(to: Processors.asking)
        let rooms = (first: try Room(), second: try Room())
        let rivals = try Rivals(in: rooms)
        try withExtendedLifetime((rooms, rivals)) {
            var rounds = FetchRounds(of: rivals.all, quick: options.quick)
            try rounds.run()
            try options.publish(FetchReport(rounds: rounds, rivals: rivals.all).text, as: "fetch")
        }
    }
}
