import ArgumentParser
import LinuxHost
import LocalAPI
import OAuth2

struct LogoutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract: "Revokes a client's grant at the authorization server, and forgets it."
    )

    /// The daemon waits a minute for the authorization server.
    private static let patience: Duration = .seconds(65)

    @Argument(help: "The client's name in the configuration.", completion: ClientCompletion.operators)
    var client: String

    @Flag(help: "Forget it even when the authorization server cannot be told.") var forget = false

    @OptionGroup var connection: SocketOption

    /// What the daemon is asked.
    var path: String {
        let parameters = forget ? [FormParameter(name: "forget", value: "true")] : []
        return "/v1/clients/\(BrokerClient.segment(client))/logout\(BrokerClient.query(parameters))"
    }

    func run() throws {
        try reporting { () throws(Failure) in
            let body = try connection.client(.admin).post(path, patience: Self.patience)
            let document = try DocumentCoding.read(LogoutDocument.self, body)
            StandardStreams.write([Self.line(document)])
            if let note = document.note { StandardStreams.writeErrors(["tokenctl: \(note)"]) }
        }
    }

    static func line(_ document: LogoutDocument) -> String {
        let outcome =
            switch (document.revoked, document.forgotten) {
            case (true, true): "revoked and forgotten"
            case (true, false): "revoked, not forgotten"
            case (false, true): "forgotten, not revoked"
            case (false, false): "neither revoked nor forgotten"
            }
        return "\(document.client): \(outcome)"
    }
}
