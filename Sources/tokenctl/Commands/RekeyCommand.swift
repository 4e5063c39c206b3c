import ArgumentParser
import LinuxHost
import LocalAPI

struct RekeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey",
        abstract: "Seals everything that is stored with the first state key, so that the others can go."
    )

    /// Every stored secret is opened and sealed again, and the disk waited for.
    private static let patience: Duration = .seconds(65)

    @OptionGroup var connection: SocketOption

    func run() throws {
        try reporting { () throws(Failure) in
            let body = try connection.client(.admin).post("/v1/rekey", patience: Self.patience)
            let document = try DocumentCoding.read(RekeyDocument.self, body)
            StandardStreams.write(["resealed: \(document.resealed)"])
        }
    }
}
