import ArgumentParser
import LinuxHost
import LocalAPI

struct ClientsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clients",
        abstract: "Lists the clients that this process may fetch tokens of."
    )

    @OptionGroup var connection: SocketOption

    func run() throws {
        try reporting { () throws(Failure) in
            let body = try connection.client(.token).get("/v1/clients")
            let clients = try DocumentCoding.read(ClientsDocument.self, body).clients
            StandardStreams.write(clients.map { $0.scope.isEmpty ? $0.client : "\($0.client)  \($0.scope)" })
        }
    }
}
