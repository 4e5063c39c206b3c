import ArgumentParser
import LocalAPI
import OAuth2

extension TokenOutput: ExpressibleByArgument {}

struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Prints a valid access token of a client."
    )

    @Argument(help: "The client's name in the configuration.", completion: ClientCompletion.callers)
    var client: String

    @Option(
        name: .long,
        help: ArgumentHelp("A scope other than the client's own; may be repeated.", valueName: "scope")
    )
    var scope: [String] = []

    @Option(help: "The audience the token is for.") var audience: String?

    @Option(
        name: .long,
        help: ArgumentHelp("A resource the token is for (RFC 8707); may be repeated.", valueName: "uri")
    )
    var resource: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("How much life the token must have left, as 300 or 5m.", valueName: "duration")
    )
    var minTTL: String?

    @Option(
        help: ArgumentHelp(
            "How long to wait when no token is cached: 10s unless given, at most 60s.",
            valueName: "duration"
        )
    )
    var timeout: String?

    @Option(help: "token, header (as HTTP takes it) or json.") var format = TokenOutput.token

    @OptionGroup var connection: SocketOption

    /// What the daemon is asked, in its own words; it judges the values.
    var parameters: [FormParameter] {
        var parameters: [FormParameter] = []
        let scope = scope.joined(separator: " ")
        if !scope.isEmpty { parameters.append(FormParameter(name: "scope", value: scope)) }
        if let audience { parameters.append(FormParameter(name: "audience", value: audience)) }
        parameters += resource.map { FormParameter(name: "resource", value: $0) }
        if let minTTL { parameters.append(FormParameter(name: "min_ttl", value: minTTL)) }
        if let timeout { parameters.append(FormParameter(name: "timeout", value: timeout)) }
        return parameters
    }

    func run() throws {
        var fetch = TokenFetch(client: client, parameters: parameters, output: format, socket: connection.socket)
        if let timeout, let wanted = DurationText.parseSeconds(timeout), wanted < .seconds(3600) {
            fetch.patience = wanted + .seconds(5)
        }
        throw ExitCode(fetch.run())
    }
}
