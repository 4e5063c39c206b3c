import ArgumentParser
import Benchmarking

/// From the daemon's execution until it is ready.
struct Start: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The time from the daemon's start until it is ready, with few and with many tokens and clients."
    )

    @OptionGroup var options: ReportOptions

    func run() throws {
        Processors.pin(to: Processors.asking)
        let clients = options.quick ? 20 : StoredFleet.clients
        let tokens = clients * (StoredFleet.scopes + 1)
        let few = min(10, clients)
        let many = options.quick ? 40 : 10_000
        func fleet(_ count: Int, scopes: Int = 0, tokens: Int) throws -> Fleet {
            let fleet = try Fleet(of: count, scopes: scopes, lifetime: "24h", keepWarm: false)
            try fleet.fill(tokens)
            return fleet
        }
        let starts = [
            Starts(
                "\(few) tokens of \(clients) clients",
                of: try fleet(clients, scopes: StoredFleet.scopes, tokens: few)
            ),
            Starts(
                "\(Figure.grouped(tokens)) tokens of \(clients) clients",
                of: try fleet(clients, scopes: StoredFleet.scopes, tokens: tokens)
            ),
            Starts("\(few) tokens of \(few) clients", of: try fleet(few, tokens: few)),
            Starts("\(Figure.grouped(many)) tokens of as many clients", of: try fleet(many, tokens: many)),
        ]
        for _ in 0..<(options.quick ? 2 : 9) { for start in starts { try start.measure() } }
        var table = MarkdownTable(["", "ready after ms", "processor ms"])
        for start in starts {
            table.append([start.name, Figure.text(start.ready.median), Figure.text(start.processor.median)])
        }
        let goal = Goal(
            "ready with \(Figure.grouped(tokens)) tokens, against \(few), of the same clients",
            .atMost,
            2,
            measured: starts[1].ready.ratio(to: starts[0].ready)
        )
        try options.publish("\(table.text)\n\n\(Goal.table([goal]))", as: "start")
    }
}

/// Ten thousand tokens: as many slots as a client may have, all of them used.
enum StoredFleet {
    static let clients = 625
    static let scopes = 15
}

extension Fleet {
    /// Has a daemon get and store so many tokens, and ends it.
    func fill(_ count: Int) throws {
        let daemon = try daemon()
        try fetch(count)
        daemon.process.stop(patience: .seconds(30))
    }
}

/// The starts of one fleet's daemon, round by round.
private final class Starts {
    let name: String
    private let fleet: Fleet
    private(set) var ready = Series()
    private(set) var processor = Series()

    init(_ name: String, of fleet: Fleet) {
        self.name = name
        self.fleet = fleet
    }

    func measure() throws {
        let daemon = try fleet.daemon()
        processor.append(daemon.process.processorTime / .milliseconds(1))
        ready.append(daemon.readyAfter / .milliseconds(1))
        daemon.process.stop(patience: .seconds(30))
    }
}
