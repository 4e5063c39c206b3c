import ArgumentParser
import LinuxHost
import LocalAPI
import OAuth2

struct RejectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject",
        abstract: "Reports that a client's token, read from standard input, was refused.",
        discussion: """
            If it is the token that the daemon serves, another is asked for in its place, at most once a minute and for \
            each caller six times an hour. Until that comes the daemon serves the same one; `tokenctl watch` tells when.
            """
    )

    @Argument(help: "The client's name in the configuration.", completion: ClientCompletion.callers)
    var client: String

    @OptionGroup var connection: SocketOption

    /// What the daemon is asked.
    var path: String { "/v1/token/\(BrokerClient.segment(client))/rejected" }

    func run() throws {
        try reporting { () throws(Failure) in
            let token = try RejectedToken.read(isTerminal: CurrentProcess.isTerminal(0))
            let body = try connection.client(.token).post(
                path,
                document: RejectedTokenDocument(accessToken: token.exposed())
            )
            let document = try DocumentCoding.read(RejectionDocument.self, body)
            StandardStreams.writeErrors(["tokenctl: \(Self.line(document))"])
        }
    }

    static func line(_ document: RejectionDocument) -> String {
        document.refreshing
            ? "\(document.client): another token is being asked for"
            : "\(document.client): nothing is asked for: the token is not the current one, was reported before, "
                + "or its server is left alone for now"
    }
}
