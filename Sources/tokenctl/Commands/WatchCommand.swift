import ArgumentParser
import LinuxHost
import LocalAPI

struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Prints a line of JSON now and whenever the client's token or state changes."
    )

    /// Twice the daemon's heartbeat, and some.
    private static let patience: Duration = .seconds(75)

    @Argument(help: "The client's name in the configuration.", completion: ClientCompletion.callers)
    var client: String

    @OptionGroup var connection: SocketOption

    func run() throws {
        try reporting { () throws(Failure) in
            let path = "/v1/watch/\(BrokerClient.segment(client))"
            try connection.client(.token).stream(.get, path, patience: Self.patience) { piece in
                // An empty line is the heartbeat.
                piece == [0x0A] || StandardStreams.write(piece)
            }
        }
    }
}
