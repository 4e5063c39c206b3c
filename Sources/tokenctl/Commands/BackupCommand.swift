import ArgumentParser
import LinuxHost
import LocalAPI

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Saves the daemon's state into a file.",
        discussion: """
            The tokens in it are sealed with the daemon's state key, which is not in it. A grant from a backup is \
            presented only after `tokenctl refresh --trust-restored`, since its refresh token may have been spent.
            """
    )

    @Argument(help: "The file to be made; - for standard output.", completion: .file()) var file: String

    @Flag(help: "Replace the file if there is one.") var force = false

    @OptionGroup var connection: SocketOption

    func run() throws {
        try reporting { () throws(Failure) in
            let backup = Backup(broker: connection.client(.admin))
            guard file == "-" else {
                let size = try backup.save(to: file, replacing: force)
                StandardStreams.write(["\(file): \(size) bytes"])
                return
            }
            guard !CurrentProcess.isTerminal(1) else { throw Self.terminal }
            _ = try backup.pour { piece throws(Failure) in
                guard StandardStreams.write(piece) else { throw Self.unread }
            }
        }
    }

    private static let terminal = Failure(
        exitStatus: 64,
        what: "a backup is nothing for a terminal to show",
        remedy: "Name a file, or send standard output to one."
    )

    private static let unread = Failure(
        exitStatus: 75,
        what: "standard output takes no more of the backup",
        remedy: "Name a file on a disk that has room for it."
    )
}
