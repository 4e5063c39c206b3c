import ArgumentParser
import LinuxHost
import LocalAPI
import OAuth2

struct RefreshCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Replaces a client's token now, and says how that went."
    )

    /// The daemon waits a minute for the authorization server.
    private static let patience: Duration = .seconds(65)

    @Argument(help: "The client's name in the configuration.", completion: ClientCompletion.operators)
    var client: String

    @Flag(help: "Take a grant from a backup for unspent: nothing else used it since the backup.")
    var trustRestored = false

    @Flag(help: "Take the first refresh token over once more: it was never rotated.")
    var retakeFirstToken = false

    @OptionGroup var connection: SocketOption

    /// What the daemon is asked, in its own words; it judges what goes together.
    var path: String {
        let wishes = [("trust_restored", trustRestored), ("retake_first_token", retakeFirstToken)]
        let parameters = wishes.filter(\.1).map { FormParameter(name: $0.0, value: "true") }
        return "/v1/clients/\(BrokerClient.segment(client))/refresh\(BrokerClient.query(parameters))"
    }

    func run() throws {
        try reporting { () throws(Failure) in
            let body = try connection.client(.admin).post(path, patience: Self.patience)
            let refreshed = try DocumentCoding.read(RefreshDocument.self, body)
            let now = Int(LinuxClock.sinceEpoch().components.seconds)
            let expiry = refreshed.expiresAt.map { ", expires \(StatusTable.relative($0, now))" } ?? ""
            StandardStreams.write(["\(refreshed.client): \(refreshed.state.rawValue)\(expiry)"])
        }
    }
}
