import ArgumentParser
import LinuxHost
import LocalAPI

struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Puts the changed configuration in force, all of it or nothing."
    )

    @OptionGroup var connection: SocketOption

    func run() throws {
        try reporting { () throws(Failure) in
            let body = try connection.client(.admin).post("/v1/reload")
            let document = try DocumentCoding.read(ReloadDocument.self, body)
            StandardStreams.write(Self.lines(document))
            if !document.restartNeeded.isEmpty {
                StandardStreams.writeErrors([
                    "tokenctl: counts from the daemon's next start: \(document.restartNeeded.joined(separator: ", "))"
                ])
            }
        }
    }

    static func lines(_ document: ReloadDocument) -> [String] {
        let parts = [
            ("added", document.added), ("changed", document.changed), ("removed", document.removed),
        ].filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1.joined(separator: ", "))" }
        return parts + ["unchanged: \(document.unchanged)"]
    }
}
