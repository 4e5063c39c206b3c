import ArgumentParser
import LinuxHost
import LocalAPI
import OAuth2

/// How what is meant for people can be printed instead.
enum TextFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json
}

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Shows who got a token or was refused one, and what operators did.",
        discussion: """
            What comes again within an hour is counted in one event. The daemon keeps the latest few \
            thousand in memory; the journal has them too, but for a user's that are too many, which it has as a number.
            """
    )

    /// Twice the daemon's heartbeat, and some.
    private static let patience: Duration = .seconds(75)

    @Option(help: ArgumentHelp("Only those after this number.", valueName: "number")) var since: UInt64?

    @Flag(help: "Go on with each that comes, until interrupted.") var follow = false

    @Option(help: "text or json; json is a line an event.") var format = TextFormat.text

    @OptionGroup var connection: SocketOption

    /// What the daemon is asked.
    var path: String {
        var parameters = since.map { [FormParameter(name: "since", value: String($0))] } ?? []
        if follow { parameters.append(FormParameter(name: "follow", value: "true")) }
        return "/v1/events\(BrokerClient.query(parameters))"
    }

    func run() throws {
        try reporting { () throws(Failure) in
            guard follow else {
                let document = try DocumentCoding.read(
                    EventsDocument.self,
                    try connection.client(.admin).get(path)
                )
                for event in document.events { _ = print(event) }
                if document.forgotten > 0 {
                    StandardStreams.writeErrors(["tokenctl: \(document.forgotten) older events made room for these"])
                }
                return
            }
            var lines = LineReader()
            var failure: Failure?
            var isRead = true
            try connection.client(.admin).stream(.get, path, patience: Self.patience) { piece in
                for line in lines.add(piece) where !line.isEmpty {
                    do throws(Failure) {
                        isRead = print(try DocumentCoding.read(AuditEvent.self, line))
                        guard isRead else { return false }
                    } catch {
                        failure = error
                        return false
                    }
                }
                return true
            }
            if let failure { throw failure }
            if isRead { throw Self.ended }
        }
    }

    private static let ended = Failure(
        exitStatus: 69,
        what: "the daemon ended the stream: it stops, or this user is no operator any more",
        remedy: "Follow again once it runs."
    )

    /// False when nobody reads it any more.
    private func print(_ event: AuditEvent) -> Bool {
        StandardStreams.write(format == .json ? event.line : Array((EventText.line(event) + "\n").utf8))
    }
}

/// Lines of what comes in pieces.
struct LineReader {
    private var rest: [UInt8] = []

    /// The lines that `piece` completes, without their line feeds.
    mutating func add(_ piece: [UInt8]) -> [[UInt8]] {
        rest += piece
        var lines = rest.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
        rest = lines.removeLast()
        return lines
    }
}
