import ArgumentParser
import Benchmarking
import Foundation

/// How many instructions a fetch takes, held to what it took before.
struct Instructions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The instructions that a fetch takes outside of the kernel, counted by valgrind.",
        discussion: """
            With --thresholds it fails when a count is more than 3 % away from the one in the file, in either direction: \
            more is a loss, and less is to be held from now on.
            """
    )

    @OptionGroup var options: ReportOptions

    @Option(help: "The release build of tokenbrokerd.") var daemon = Binaries.path("tokenbrokerd")

    @Option(help: "The release build of tokenctl.") var command = Binaries.path("tokenctl")

    @Option(help: ArgumentHelp("The counts to hold, a JSON object.", valueName: "file")) var thresholds: String?

    @Flag(help: "Write the counts into that file.") var renewThresholds = false

    /// How far a count may be from its threshold.
    private static let tolerance = 0.03

    /// What a fetch took before it was answered again without being read again.
    private static let before = [Way.keptAlive: 42_800]

    /// The goal of the project.
    private static let most = 3_000.0

    /// A way of asking for the same token.
    enum Way: String, CaseIterable {
        case keptAlive = "same_connection"
        case anew = "new_connection"
        case differing = "differing_requests"
        case command = "tokenctl_token"

        var name: String {
            switch self {
            case .keptAlive: "the same request again on a connection"
            case .anew: "the same request on a new connection, from accepting to closing"
            case .differing: "another request than before, read and decided anew"
            case .command: "`tokenctl token`, the whole process"
            }
        }
    }

    func run() throws {
        let counts = try count()
        var table = MarkdownTable(["a cached fetch", "instructions", "before"])
        for way in Way.allCases {
            table.append([
                way.name, Figure.grouped(counts[way] ?? 0), Self.before[way].map(Figure.grouped) ?? "",
            ])
        }
        let goal = Goal(
            "user instructions of a cached fetch",
            .atMost,
            Self.most,
            measured: Double(counts[.keptAlive] ?? .max)
        )
        try options.publish("\(table.text)\n\n\(Goal.table([goal]))", as: "instructions")
        if let thresholds { try hold(counts, to: thresholds) }
    }

    private func hold(_ counts: [Way: Int], to file: String) throws {
        // How many come and go in one turn of the loop is the machine's doing.
        let steady = counts.filter { $0.key != .anew }
        let counted = Dictionary(uniqueKeysWithValues: steady.map { ($0.key.rawValue, $0.value) })
        if renewThresholds {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return try (encoder.encode(counted) + Data("\n".utf8)).write(to: URL(filePath: file))
        }
        let held = try JSONDecoder().decode([String: Int].self, from: Data(contentsOf: URL(filePath: file)))
        let strayed = counted.filter { way, count in
            guard let threshold = held[way] else { return true }
            return abs(Double(count - threshold)) > Double(threshold) * Self.tolerance
        }
        guard strayed.isEmpty else {
            let list = strayed.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value), not \(held[$0.key] ?? 0)" }
            throw BenchmarkFailure(
                "\(list.joined(separator: "; ")): more than 3 % from \(file); `make instructions` writes new counts"
            )
        }
    }

    // MARK: Counting

    private func count() throws -> [Way: Int] {
        let room = try Room()
        let server = try MockServer(["--lifetime", "24h", "--token-length", "1200"])
        try room.configure(
            try room.client(
                "billing",
                at: server.tokenEndpoint,
                more: """
                    scopes = ["invoices/read"]
                    allow = [{ user = "daemon" }, { group = "games" }, { user = \(geteuid()) }]
                    """
            )
        )
        let few = options.quick ? 20 : 1_000
        let many = options.quick ? 40 : 6_000
        var counts: [Way: Int] = [:]
        let callgrind = try Callgrind(daemon, in: room.path)
        for way in [Way.keptAlive, .anew, .differing] {
            let taken = try [few, many].map { try instructions(callgrind, way, requests: $0, in: room) }
            counts[way] = (taken[1] - taken[0]) / (many - few)
        }
        counts[.command] = try commandInstructions(in: room)
        return counts
    }

    /// Of the sockets' thread, for so many requests and its own start and end.
    private func instructions(_ callgrind: Callgrind, _ way: Way, requests: Int, in room: Room) throws -> Int {
        let name = "\(way.rawValue)-\(requests)"
        let daemon = try Daemon(
            in: room,
            program: callgrind.program,
            through: callgrind.launcher(name),
            environment: Callgrind.environment
        )
        let peer = Peer.unixSocket(room.tokenSocket)
        let request = HTTPExchange.request("GET", "/v1/token/billing")
        let connection = try PeerConnection(to: peer)
        for number in 0..<requests {
            let asked =
                way == .differing
                ? HTTPExchange.request("GET", "/v1/token/billing", fields: ["X-Number: \(100_000 + number)"]) : request
            let through = way == .anew ? try PeerConnection(to: peer) : connection
            let answer = try through.answer(to: asked, isWhole: HTTPExchange.isWhole)
            guard answer.starts(with: "HTTP/1.1 200".utf8) else { throw BenchmarkFailure("no token:\n\(room.log)") }
        }
        daemon.process.stop(patience: .seconds(60))
        return try callgrind.instructions(name, in: "LocalServer9EventLoopV3run")
    }

    private func commandInstructions(in room: Room) throws -> Int {
        let daemon = try Daemon(in: room, program: daemon)
        let callgrind = try Callgrind(command, in: room.path)
        let launcher = callgrind.launcher("command")
        let fetch = try ChildProcess(
            launcher[0],
            launcher.dropFirst() + [callgrind.program, "token", "billing"],
            environment: Callgrind.environment.merging(["TOKENBROKER_SOCKET": room.tokenSocket]) { $1 },
            output: .pipe
        )
        let token = fetch.readAll()
        guard fetch.wait().status == 0, token.utf8.count == 1_201 else {
            throw BenchmarkFailure("tokenctl printed no token")
        }
        daemon.process.stop()
        return try callgrind.instructions("command")
    }
}
