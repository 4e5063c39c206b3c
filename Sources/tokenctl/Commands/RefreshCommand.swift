import ArgumentParser
import LinuxHost
import LocalAPI

struct RefreshCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Replaces a client's token now, and says how that went."
    )

    /// The daemon waits a minute for the authorization server.
    private static let patience: Duration = .seconds(65)

    @Argument(help: "The client's name in the configuration.") var client: String

    @OptionGroup var connection: SocketOption

    func run() throws {
        try reporting { () throws(Failure) in
            let path = "/v1/clients/\(BrokerClient.segment(client))/refresh"
            let body = try connection.client(.admin).post(path, patience: Self.patience)
            let refreshed = try DocumentCoding.read(RefreshDocument.self, body)
            let now = Int(LinuxClock.sinceEpoch().components.seconds)
            let expiry = refreshed.expiresAt.map { ", expires \(StatusTable.relative($0, now))" } ?? ""
            StandardStreams.write(["\(refreshed.client): \(refreshed.state.rawValue)\(expiry)"])
        }
    }
}
