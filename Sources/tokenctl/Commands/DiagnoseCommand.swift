import ArgumentParser
import Diagnosis
import LinuxHost
import LocalAPI
import OAuth2

struct DiagnoseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagnose",
        abstract: "Finds out what is wrong with a client, and says how it knows.",
        discussion: """
            The daemon looks at the configuration and the history, and asks the authorization server what tells the \
            possible causes apart, for a minute at most. No live code or refresh token is ever sent for it, and what the \
            provider bills only with --spend. The format report is for the provider's support: it names the requests, \
            and nothing secret or of this machine. The exit status is 1 when something is wrong.
            """
    )

    /// A little longer than the daemon takes.
    private static let patience: Duration = .seconds(70)

    @Argument(help: "The client's name in the configuration.", completion: ClientCompletion.operators)
    var client: String

    @Flag(help: "Ask what the provider may bill as well.") var spend = false

    @Option(help: "text, json or report.") var format = ReportFormat.text

    @OptionGroup var connection: SocketOption

    /// What the daemon is asked.
    var path: String {
        let parameters = spend ? [FormParameter(name: "spend", value: "true")] : []
        return "/v1/clients/\(BrokerClient.segment(client))/diagnose\(BrokerClient.query(parameters))"
    }

    func run() throws {
        var isHealthy = true
        try reporting { () throws(Failure) in
            let document = try fetch()
            let report = try DocumentCoding.read(DiagnosisReport.self, document)
            isHealthy = report.healthy
            format.print(report, document: document)
        }
        if !isHealthy { throw ExitCode(1) }
    }

    /// The daemon's document; where a person waits for it, told what for.
    private func fetch() throws(Failure) -> [UInt8] {
        let isTerminal = CurrentProcess.isTerminal(2)
        if isTerminal { StandardStreams.writeErrorText(Self.progress) }
        defer { if isTerminal { StandardStreams.writeErrorText(Self.erased) } }
        return try connection.client(.admin).post(path, patience: Self.patience)
    }

    private static let progress = "Asking the authorization server, for a minute at most "
    private static let erased = "\r\u{1B}[K"
}
