import ArgumentParser
import LinuxHost
import LocalAPI

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
            """
    )

    @Argument(help: "One client alone.", completion: ClientCompletion.operators) var client: String?

    @Option(help: "table or json.") var format = StatusFormat.table

    @Flag(help: "Show it again whenever it changes, until interrupted.") var watch = false

    @OptionGroup var connection: SocketOption

    func run() throws {
        try reporting { () throws(Failure) in
            let isTerminal = CurrentProcess.isTerminal(1)
            guard watch else {
                _ = try show(isTerminal: isTerminal, unless: nil)
                return
            }
            let alarm: Alarm
            do throws(HostError) {
                alarm = try Alarm()
            } catch {
                throw Failure(exitStatus: 70, what: error.description, remedy: nil)
            }
            var last: String?
            while true {
                last = try show(isTerminal: isTerminal, unless: last)
                alarm.wait(until: LinuxClock.sinceBoot() + .seconds(1))
            }
        }
    }

    /// Prints the status and returns what changes when it changes; nothing is printed when that is `last`.
    private func show(isTerminal: Bool, unless last: String?) throws(Failure) -> String {
        let path = client.map { "/v1/clients/\(BrokerClient.segment($0))" } ?? "/v1/status"
        let body = try connection.client(.admin).get(path)
        let text = String(decoding: body, as: UTF8.self)
        if format == .json {
            if text != last { StandardStreams.write(body) }
            return text
        }
        var status = StatusDocument(version: "", clients: [], servers: [], alarms: [])
        if client == nil {
            status = try DocumentCoding.read(StatusDocument.self, body)
        } else {
            status.clients = [try DocumentCoding.read(ClientDocument.self, body).client]
        }
        let isColoured = isTerminal && CurrentProcess.environment("NO_COLOR") == nil
        let table = StatusTable(status, now: Int(LinuxClock.sinceEpoch().components.seconds), isColoured: isColoured)
        // On a terminal the times count down, so every second is another picture.
        if watch && isTerminal {
            StandardStreams.write(["\u{1B}[H\u{1B}[2J" + table.lines.joined(separator: "\n")])
        } else if text != last {
            StandardStreams.write(table.lines)
        }
        return text
    }
}
