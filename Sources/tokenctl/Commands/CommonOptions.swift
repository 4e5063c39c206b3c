import ArgumentParser
import LinuxHost
import LocalAPI

/// What every command that speaks to the daemon takes.
struct SocketOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("The daemon's socket, instead of the usual places.", valueName: "path"),
        completion: .file()
    )
    var socket: String?

    func client(_ role: SocketRole) -> BrokerClient {
        BrokerClient(socket: SocketPath.resolve(role, option: socket))
    }
}

extension ParsableCommand {
    /// Runs `body`, or prints what is wrong and exits with its status.
    func reporting(_ body: () throws(Failure) -> Void) throws {
        do throws(Failure) {
            try body()
        } catch {
            error.report()
            throw ExitCode(error.exitStatus)
        }
    }
}

extension DocumentCoding {
    /// The document, or the failure of an answer that is none.
    static func read<Document: Decodable>(_ type: Document.Type, _ bytes: [UInt8]) throws(Failure) -> Document {
        do throws(DocumentError) {
            return try decode(type, from: bytes)
        } catch {
            throw .brokenAnswer
        }
    }
}
