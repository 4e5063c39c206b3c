import ArgumentParser
import LinuxHost
import LocalAPI
import OAuth2

struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Says which rule lets a process use a client, or why none does.",
        discussion: """
            The process is judged as if it connected now, by the rules that are in force.
            """
    )

    // Without a completion fish's script does not count the argument, and takes the second for the first.
    @Argument(help: "The number of the process, as ps(1) shows it.", completion: .custom { _, _, _ in Self.processes })
    var pid: Int32

    @Argument(help: "The client's name in the configuration.", completion: ClientCompletion.operators)
    var client: String

    @Option(help: "text or json.") var format = TextFormat.text

    @OptionGroup var connection: SocketOption

    func run() throws {
        try reporting { () throws(Failure) in
            let query = BrokerClient.query([
                FormParameter(name: "pid", value: String(pid)), FormParameter(name: "client", value: client),
            ])
            let body = try connection.client(.admin).get("/v1/why\(query)")
            guard format == .text else {
                StandardStreams.write(body)
                return
            }
            StandardStreams.write(Self.lines(try DocumentCoding.read(WhyDocument.self, body)))
        }
    }

    private static var processes: [String] {
        ((try? FileSystem.names(in: "/proc")) ?? []).compactMap { Int32($0) }.sorted().map(\.description)
    }

    /// The verdict, who asks, and how the process stands to each rule.
    static func lines(_ why: WhyDocument) -> [String] {
        let process = why.process
        var identity = ["uid \(process.uid)", "gid \(process.gid)"]
        if !process.groups.isEmpty {
            identity.append("groups \(process.groups.map { String($0) }.joined(separator: ","))")
        }
        let unit =
            process.unit.map(EventText.printable)
            ?? process.userUnit.map { "\(EventText.printable($0)) of the user's own manager" }
            ?? process.unitObstacle.map { "unknown: \($0)" } ?? "none"
        let rules = why.rules.map { rule in
            "  \(rule.rule)  \(rule.text)  \(rule.fits ? "fits" : rule.because ?? "does not fit")"
        }
        return [
            "\(why.allowed ? "allowed" : "refused"): \(why.summary)",
            "process \(process.pid): \(identity.joined(separator: ", ")), unit \(unit)",
        ] + (rules.isEmpty ? [] : ["rules of \(why.client):"] + rules)
    }
}
