import ArgumentParser
import Benchmarking
import LinuxHost

/// What a script pays that fetches a token with a command.
struct CommandBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "command",
        abstract: "A token by tokenctl, as a whole process, beside curl, oidc-token and true."
    )

    /// Of a whole process, against curl's.
    private static let limit = 0.25

    /// As large as a JSON Web Token with some claims.
    private static let tokenLength = 1_200

    @OptionGroup var report: ReportOptions

    func run() throws {
        let room = try Room()
        let server = try MockServer(
            ["--lifetime", "24h", "--token-length", "\(Self.tokenLength)"],
            processor: Processors.asking
        )
        let rule = "allow = [{ user = \(CurrentProcess.uid) }]"
        try room.configure(try room.client("billing", at: server.tokenEndpoint, more: rule))
        let daemon = try Daemon(in: room, processor: Processors.asking)
        let agent = try OIDCAgent(in: room, at: server, processor: Processors.asking)
        let commands = try Self.commands(in: room, agent)
        // The first run of each reads files, and the daemon's first token comes from the server.
        for round in -3..<(report.quick ? 3 : 500) {
            for command in commands { try command.run(counts: round >= 0) }
        }
        try report.publish(Self.text(commands), as: "command")
        withExtendedLifetime((server, daemon, agent)) {}
    }

    private static func commands(in room: Room, _ agent: OIDCAgent) throws -> [MeasuredCommand] {
        let socket = ["TOKENBROKER_SOCKET": room.tokenSocket]
        let tokenctl = Binaries.path("tokenctl")
        let curl = ["-q", "-sSf", "--unix-socket", room.tokenSocket, "http://localhost/v1/token/billing"]
        return [
            try MeasuredCommand("`tokenctl token NAME`", tokenctl, ["token", "billing"], environment: socket),
            try MeasuredCommand(
                "`tokenctl token NAME --min-ttl 5m`",
                tokenctl,
                ["token", "billing", "--min-ttl", "5m"],
                environment: socket
            ),
            try MeasuredCommand("`curl --unix-socket`", "curl", curl),
            try MeasuredCommand(
                "`oidc-token ACCOUNT`",
                "oidc-token",
                [OIDCAgent.account],
                environment: agent.environment
            ),
            try MeasuredCommand("`true`, which asks nobody", "true"),
        ]
    }

    private static func text(_ commands: [MeasuredCommand]) -> String {
        let curl = commands[2]
        var table = MarkdownTable(["", "ms", "p90", "of curl's", "CPU ms", "page faults"])
        for command in commands { table.append(command.row(against: curl)) }
        let goal = Goal(
            "`tokenctl token NAME` against curl",
            .atMost,
            limit,
            measured: commands[0].time.ratio(to: curl.time)
        )
        return "\(table.text)\n\n\(Goal.table([goal]))"
    }
}

/// A command, and what its runs took.
private final class MeasuredCommand {
    private let name: String
    private let program: TimedProgram
    private(set) var time = Series()
    private var processorTime = Series()
    private var faults = Series()

    init(_ name: String, _ program: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
        self.name = name
        self.program = try TimedProgram(
            program,
            arguments,
            environment: environment,
            processor: Processors.measured
        )
    }

    func run(counts: Bool) throws {
        let run = try program.run()
        guard counts else { return }
        time.append(run.time / .milliseconds(1))
        processorTime.append(run.processorTime / .milliseconds(1))
        faults.append(Double(run.minorFaults))
    }

    func row(against other: MeasuredCommand) -> [String] {
        [
            name, Figure.text(time.median), Figure.text(time.quantile(0.9)), Figure.text(time.ratio(to: other.time)),
            Figure.text(processorTime.median), Figure.text(faults.median),
        ]
    }
}
