import ArgumentParser
import Benchmarking
import Foundation
import LinuxHost

/// The refresh engine at work.
struct Refresh: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "10 to 10,000 clients whose tokens are refreshed without a caller, and 1,000 callers of one token."
    )

    /// In seconds; the server is to keep up with ten thousand whose refreshes are due within a tenth of it.
    private static func lifetime(of clients: Int) -> Int { clients > 1_000 ? 600 : 60 }

    @OptionGroup var options: ReportOptions

    func run() throws {
        Processors.pin(to: Processors.asking)
        let counts = options.quick ? [2, 20] : [10, 100, 1_000, 10_000]
        let runs = try counts.map { try measure($0, lifetime: options.quick ? 5 : Self.lifetime(of: $0)) }
        var table = MarkdownTable([
            "clients", "refreshes", "processor µs a refresh", "KB written a refresh", "resident KB a client",
            "age of the lifetime: p50", "p99", "latest",
        ])
        for run in runs {
            table.append([
                Figure.grouped(run.clients), Figure.grouped(run.ages.values.count), Figure.text(run.processor),
                Figure.text(run.written), Figure.text(Double(run.memory.anonymous) / 1e3 / Double(run.clients)),
                Figure.text(run.ages.median), Figure.text(run.ages.quantile(0.99)), Figure.text(run.ages.quantile(1)),
            ])
        }
        let many = runs[runs.count - 1]
        let few = runs[runs.count - 3 < 0 ? 0 : runs.count - 3]
        // What a refresh may cost more where the cost of all grows as n log n.
        let growth = (log(Double(many.clients)) / log(Double(few.clients)) * 100).rounded() / 100
        let goals = [
            Goal(
                "processor time of a refresh with \(Figure.grouped(many.clients)) clients, against \(few.clients)",
                .atMost,
                growth,
                measured: many.processor / few.processor
            ),
            Goal(
                "token requests for \(Figure.grouped(callers)) callers who ask at once",
                .atMost,
                1,
                measured: Double(try countRequests())
            ),
        ]
        try options.publish("\(table.text)\n\n\(Goal.table(goals))", as: "refresh")
    }

    private struct Run {
        let clients: Int
        /// Microseconds for each refresh.
        let processor: Double
        /// Kilobytes for each refresh, by what the kernel has to write to the disk.
        let written: Double
        let memory: MemoryUse
        /// How old each token was when the server was asked for the next, as a part of its lifetime.
        let ages: Series
    }

    private func measure(_ count: Int, lifetime: Int) throws -> Run {
        let fleet = try Fleet(of: count, lifetime: "\(lifetime)s", keepWarm: true)
        let daemon = try fleet.daemon()
        try fleet.waitForTokens(count)
        // The server forgets the earlier half of its requests when there are more than ten thousand.
        var requests = try fleet.requests()
        // Every token is refreshed once before four fifths of its life are over, and none twice.
        let before = (
            time: daemon.process.processorTime, written: writtenBytes(of: daemon), tokens: try fleet.issuedTokens()
        )
        Pause.lasting(.milliseconds(lifetime * 850))
        let time = daemon.process.processorTime - before.time
        let written = writtenBytes(of: daemon) - before.written
        let refreshes = Double(max(1, try fleet.issuedTokens() - before.tokens))
        let memory = daemon.process.memory
        daemon.process.stop(patience: .seconds(30))
        let seen = requests.last?.number ?? 0
        requests += try fleet.requests().filter { $0.number > seen }
        var last: [String: Double] = [:]
        var ages = Series()
        for request in requests {
            guard let client = request.client else { continue }
            if let earlier = last[client] { ages.append((request.at - earlier) / Double(lifetime)) }
            last[client] = request.at
        }
        return Run(
            clients: count,
            processor: time / .microseconds(1) / refreshes,
            written: Double(written) / 1e3 / refreshes,
            memory: memory,
            ages: ages
        )
    }

    /// What the kernel wrote to the disk, or will, for the daemon (proc(5), io).
    private func writtenBytes(of daemon: Daemon) -> Int {
        guard let bytes = try? FileSystem.read("/proc/\(daemon.process.pid)/io", maximumBytes: 4_096) else { return 0 }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "write_bytes:" { return Int(words[1]) ?? 0 }
        }
        return 0
    }

    // MARK: Many callers

    private var callers: Int { options.quick ? 20 : 1_000 }

    /// How many token requests it takes to answer callers who all ask for a token that is not there yet.
    private func countRequests() throws -> Int {
        let fleet = try Fleet(of: 1, lifetime: "1h", keepWarm: false)
        let daemon = try fleet.daemon()
        return try withExtendedLifetime(daemon) {
            let connections = try HeldConnections(callers, to: fleet.room.tokenSocket)
            try connections.ask(HTTPExchange.request("GET", "/v1/token/\(fleet.clients[0])?timeout=60"))
            return try fleet.requests().count
        }
    }
}
