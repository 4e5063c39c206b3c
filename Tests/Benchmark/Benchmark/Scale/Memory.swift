import ArgumentParser
import Benchmarking
import LinuxHost

/// What the daemon has in memory.
struct Memory: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The daemon's memory: idle, for each connection, for each stored token and for each client."
    )

    /// By then the daemon has given back what its start and the first tokens took.
    private static let settling: Duration = .seconds(65)

    @OptionGroup var options: ReportOptions

    func run() throws {
        Processors.pin(to: Processors.asking)
        let idle = try measureIdle()
        let connection = try measureConnections(options.quick ? 50 : 1_000)
        let tokens = try measureTokens()
        var table = MarkdownTable(["", "resident MB", "of it the daemon's own MB"])
        table.append([
            "100 clients with a token each, just fetched", megabytes(idle.busy.resident),
            megabytes(idle.busy.anonymous),
        ])
        table.append(["the same, idle", megabytes(idle.idle.resident), megabytes(idle.idle.anonymous)])
        table.append([
            "\(Figure.grouped(tokens.count)) tokens of \(Figure.grouped(tokens.clients)) clients, after a start",
            megabytes(tokens.full.resident), megabytes(tokens.full.anonymous),
        ])
        let goals = [
            Goal(
                "resident, idle with 100 clients",
                .atMost,
                32,
                measured: Double(idle.idle.resident) / 1e6,
                unit: "MB"
            ),
            Goal("a connection", .atMost, 5, measured: connection / 1e3, unit: "KB"),
            Goal("a stored token", .atMost, 3, measured: tokens.each / 1e3, unit: "KB"),
        ]
        try options.publish("\(table.text)\n\n\(Goal.table(goals))", as: "memory")
    }

    private func megabytes(_ bytes: Int) -> String { Figure.text(Double(bytes) / 1e6) }

    private func measureIdle() throws -> (busy: MemoryUse, idle: MemoryUse) {
        let fleet = try Fleet(of: 100, lifetime: "1h", keepWarm: true)
        let daemon = try fleet.daemon()
        try fleet.waitForTokens(100)
        try fleet.fetch(100)
        let busy = daemon.process.memory
        if !options.quick { Pause.lasting(Self.settling) }
        return (busy, daemon.process.memory)
    }

    /// Bytes for each of `count` connections, which have all been answered.
    private func measureConnections(_ count: Int) throws -> Double {
        let fleet = try Fleet(of: 1, lifetime: "1h", keepWarm: true)
        let daemon = try fleet.daemon()
        try fleet.fetch(1)
        let request = HTTPExchange.request("GET", "/v1/token/\(fleet.clients[0])")
        // What the first ones take, others find there.
        let first = try HeldConnections(10, to: fleet.room.tokenSocket)
        try first.ask(request)
        let before = daemon.process.memory
        let connections = try HeldConnections(count, to: fleet.room.tokenSocket)
        try connections.ask(request)
        let after = daemon.process.memory
        return Double(after.anonymous - before.anonymous) / Double(count)
    }

    private struct Tokens {
        var clients: Int
        var count: Int
        var full: MemoryUse
        var each: Double
    }

    /// Of two starts with the same clients, whose store holds a token for each and for every slot of each.
    private func measureTokens() throws -> Tokens {
        let count = options.quick ? 20 : StoredFleet.clients
        let fleet = try Fleet(of: count, scopes: StoredFleet.scopes, lifetime: "24h", keepWarm: false)
        func memory(with tokens: Int) throws -> MemoryUse {
            try fleet.fill(tokens)
            let daemon = try fleet.daemon()
            // It gives back what its start took right after it is ready.
            try fleet.fetch(1)
            Pause.lasting(.seconds(1))
            return daemon.process.memory
        }
        let few = try memory(with: count)
        let all = count * (StoredFleet.scopes + 1)
        let full = try memory(with: all)
        return Tokens(
            clients: count,
            count: all,
            full: full,
            each: Double(full.anonymous - few.anonymous) / Double(all - count)
        )
    }
}

/// Connections that stay open.
final class HeldConnections {
    private var connections: [HeldConnection] = []

    init(_ count: Int, to socket: String) throws(HostError) {
        for _ in 0..<count { connections.append(try HeldConnection(to: socket)) }
    }

    /// Asks on all of them at once, and waits for all answers, each of which must be a token.
    func ask(_ request: [UInt8]) throws {
        for connection in connections { try connection.send(request) }
        for connection in connections { try connection.expectToken() }
    }
}

private final class HeldConnection {
    private static let patience: Duration = .seconds(60)

    private let connection: UnixConnection

    init(to socket: String) throws(HostError) { connection = try UnixSocket.connect(socket, timeout: Self.patience) }

    func send(_ request: [UInt8]) throws(HostError) { try connection.send(request) }

    func expectToken() throws {
        var answer: [UInt8] = []
        while !HTTPExchange.isWhole(answer) {
            let more = try connection.receive()
            guard !more.isEmpty else { throw BenchmarkFailure("a connection was ended") }
            answer += more
        }
        guard answer.starts(with: Array("HTTP/1.1 200 ".utf8)) else {
            throw BenchmarkFailure("a fetch was refused: \(String(decoding: answer, as: UTF8.self))")
        }
    }
}
