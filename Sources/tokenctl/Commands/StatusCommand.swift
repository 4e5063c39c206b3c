import ArgumentParser
import LinuxHost
import LocalAPI
import OAuth2

/// How the status is printed.
enum StatusFormat: String, CaseIterable, ExpressibleByArgument {
    case table, json
}

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows each client: state, expiry, next attempt, last error, when it dies.",
        discussion: """
            DIES AT is when callers will notice if the authorization server does not answer again before.
            With --verify the daemon asks the authorization servers about the tokens that it holds (RFC 7662), for half a \
            minute at most. The exit status is 1 when a server says that one is not active, or was to be asked and did \
            not say.
            """
    )

    @Argument(help: "One client alone.", completion: ClientCompletion.operators) var client: String?

    @Option(help: "table or json.") var format = StatusFormat.table

    @Flag(help: "Show it again whenever it changes, until interrupted.") var watch = false

    @Flag(help: "Have the authorization servers asked whether the tokens are good.") var verify = false

    @OptionGroup var connection: SocketOption

    /// A little longer than the daemon gives the servers.
    private static let verificationPatience: Duration = .seconds(45)

    func validate() throws {
        guard verify, watch else { return }
        throw ValidationError("--verify costs requests to the authorization servers; leave --watch or --verify out.")
    }

    func run() throws {
        try reporting { () throws(Failure) in
            let isTerminal = CurrentProcess.isTerminal(1)
            guard watch else {
                let (_, isDoubtful) = try show(isTerminal: isTerminal, unless: nil)
                guard isDoubtful else { return }
                throw Failure(
                    exitStatus: 1,
                    what: "not every token is known to be active at its authorization server",
                    remedy: nil
                )
            }
            let alarm: Alarm
            do throws(HostError) {
                alarm = try Alarm()
            } catch {
                throw Failure(exitStatus: 70, what: error.description, remedy: nil)
            }
            var last: String?
            while true {
                last = try show(isTerminal: isTerminal, unless: last).text
                alarm.wait(until: LinuxClock.sinceBoot() + .seconds(1))
            }
        }
    }

    private typealias Shown = (text: String, isDoubtful: Bool)

    /// Prints the status and returns what changes when it changes, with whether a server has no good word for a token;
    /// nothing is printed when the text is `last`.
    private func show(isTerminal: Bool, unless last: String?) throws(Failure) -> Shown {
        let path = client.map { "/v1/clients/\(BrokerClient.segment($0))" } ?? "/v1/status"
        let query = BrokerClient.query(verify ? [FormParameter(name: "verify", value: "true")] : [])
        let patience = verify ? Self.verificationPatience : BrokerClient.patience
        let body = try connection.client(.admin).get(path + query, patience: patience)
        let text = String(decoding: body, as: UTF8.self)
        if format == .json {
            if text != last { StandardStreams.write(body) }
            return (text, verify ? try status(in: body).isDoubtful : false)
        }
        let status = try status(in: body)
        let isColoured = isTerminal && CurrentProcess.environment("NO_COLOR") == nil
        let table = StatusTable(status, now: Int(LinuxClock.sinceEpoch().components.seconds), isColoured: isColoured)
        // On a terminal the times count down, so every second is another picture.
        if watch && isTerminal {
            StandardStreams.write(["\u{1B}[H\u{1B}[2J" + table.lines.joined(separator: "\n")])
        } else if text != last {
            StandardStreams.write(table.lines)
        }
        return (text, status.isDoubtful)
    }

    private func status(in body: [UInt8]) throws(Failure) -> StatusDocument {
        guard client != nil else { return try DocumentCoding.read(StatusDocument.self, body) }
        let client = try DocumentCoding.read(ClientDocument.self, body).client
        return StatusDocument(version: "", clients: [client], servers: [], alarms: [])
    }
}
