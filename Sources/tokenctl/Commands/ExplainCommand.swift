import ArgumentParser
import Diagnosis
import LinuxHost
import OAuth2

extension Provider: ExpressibleByArgument {}

extension Grant: ExpressibleByArgument {
    /// By the name of the configuration, or as `grant_type` has it.
    public init?(argument: String) {
        guard let grant = Grant.allCases.first(where: { $0.name == argument || $0.type == argument }) else {
            return nil
        }
        self = grant
    }

    /// For the shell and for help.
    public static var allValueStrings: [String] { allCases.map(\.name) }
}

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says what an error or a whole response means, without a daemon.",
        discussion: """
            A code is an OAuth error, a provider's own (AADSTS7000215, invalid_rapt), or one that this project names \
            (name_not_found). A response is what `curl -i`, `curl -v` or another client printed, with or without its \
            head, or several in a row, of which the first error is explained. No token in it is ever shown.
            """
    )

    @Argument(
        help: ArgumentHelp("The code; - for a response on standard input.", valueName: "code"),
        completion: .list(KnownCodes.all)
    )
    var code: String

    @Option(help: "Whose server it came from; recognised unless given.") var provider: Provider?

    @Option(help: "What the request presented.") var grant: Grant?

    @Option(help: "text, json or report.") var format = ReportFormat.text

    func run() throws {
        try reporting { () throws(Failure) in
            guard code == "-" else {
                format.print(try CodeExplanation(code, provider: provider, grant: grant).report())
                return
            }
            let input = try PastedInput.read(isTerminal: CurrentProcess.isTerminal(0))
            let explanation = ResponseExplanation(
                PastedResponses(input),
                provider: provider,
                grant: grant,
                now: LinuxClock.sinceEpoch()
            )
            format.print(try explanation.report())
        }
    }
}
