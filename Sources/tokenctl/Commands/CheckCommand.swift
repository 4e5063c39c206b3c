import ArgumentParser
import LinuxHost

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validates a configuration and the secrets it names, as the daemon would."
    )

    @Argument(help: "The configuration; the daemon's usual one unless given.", completion: .file(extensions: ["toml"]))
    var file: String?

    func run() throws {
        let failure = CurrentProcess.become(
            Self.daemon,
            arguments: ["--check"] + (file.map { ["--config", $0] } ?? [])
        )
        Failure(exitStatus: 69, what: failure.description, remedy: "Install tokenbrokerd beside tokenctl.").report()
        throw ExitCode(69)
    }

    /// The daemon that was built and installed with this tokenctl, else the one in PATH.
    private static var daemon: String {
        guard let own = CurrentProcess.executablePath, let slash = own.lastIndex(of: "/") else { return "tokenbrokerd" }
        let beside = own[...slash] + "tokenbrokerd"
        return FileSystem.exists(String(beside)) ? String(beside) : "tokenbrokerd"
    }
}
