import ArgumentParser
import Broker

@main
struct TokenBrokerDaemon: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenbrokerd",
        abstract: "Holds a machine's OAuth 2.0 credentials and serves fresh access tokens over a Unix socket.",
        version: Daemon.version
    )

    @Option(
        help: ArgumentHelp("The configuration; clients.d/*.toml beside it is read too.", valueName: "file"),
        completion: .file(extensions: ["toml"])
    )
    var config: String?

    @Flag(help: "Validate the configuration and the secrets it names, then exit.")
    var check = false

    func run() {
        Daemon.main(configurationFile: config, checkOnly: check)
    }
}
