import ArgumentParser
import LinuxHost

/// `tokenctl token NAME` is what scripts call in a loop: it is answered before anything else is parsed or loaded.
@main
enum Main {
    static func main() {
        // Tokens pass through here. Where the kernel refuses, it keeps nobody from what the same user may fetch.
        try? CurrentProcess.shutOutDebuggers()
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.count == 2, arguments.first == "token", let client = arguments.last, client.first != "-" {
            CurrentProcess.exit(TokenFetch(client: client).run())
        }
        Tokenctl.main()
    }
}

/// ArgumentParser's own exit statuses are 0 for help and 64 for usage, which are ours too.
struct Tokenctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenctl",
        abstract: "Fetches access tokens from tokenbrokerd, and operates it.",
        discussion: """
            Results go to standard output, everything else to standard error. Exit statuses: 0 done, 1 not as it \
            should be, 64 malformed request, 66 unknown client, 69 daemon not reached, 70 fault of the daemon, 75 try \
            again later, 77 not allowed, 78 client misconfigured, 80 login required, 81 no token lives that long.
            """,
        version: "0.1.0",
        subcommands: [
            TokenCommand.self, StatusCommand.self, LoginCommand.self, LogoutCommand.self, RefreshCommand.self,
            RejectCommand.self,
            ClientsCommand.self, WatchCommand.self, WhyCommand.self, DiagnoseCommand.self, ExplainCommand.self,
            EventsCommand.self, ReloadCommand.self, CheckCommand.self, RekeyCommand.self, BackupCommand.self,
        ]
    )
}
