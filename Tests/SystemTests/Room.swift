import Foundation
import Glibc
import MockAuthorizationServer

/// A temporary directory with a configuration of its own: state, sockets, secrets and log.
final class Room: Sendable {
    let path: String

    /// Short, because a socket's path has 107 bytes at most.
    init() throws {
        var template = Array("/tmp/tb-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw POSIXError(.EACCES) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var configuration: String { "\(path)/tokenbroker.toml" }
    var state: String { "\(path)/state" }
    var tokenSocket: String { "\(path)/token.sock" }
    var adminSocket: String { "\(path)/admin.sock" }
    var logFile: String { "\(path)/log" }
    var database: String { "\(state)/tokenbroker.sqlite" }

    /// What makes tokenctl speak to this room's daemon.
    var socketVariables: [String: String] {
        ["TOKENBROKER_SOCKET": tokenSocket, "TOKENBROKER_ADMIN_SOCKET": adminSocket]
    }

    /// Everything the daemon wrote to standard error so far.
    var log: String { (try? String(contentsOfFile: logFile, encoding: .utf8)) ?? "" }

    /// Writes the configuration: the daemon's own paths, then the clients; `daemon` adds keys of `[daemon]`.
    func configure(daemon: String = "", _ clients: String...) throws {
        let text = """
            [daemon]
            state_directory = "\(state)"
            token_socket = "\(tokenSocket)"
            admin_socket = "\(adminSocket)"
            \(daemon)

            """ + clients.joined(separator: "\n")
        try text.write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    /// Writes a file that only its owner can read, and returns its path.
    @discardableResult
    func secret(_ name: String, _ value: String) throws -> String {
        let file = "\(path)/\(name)"
        guard
            FileManager.default.createFile(
                atPath: file,
                contents: Data(value.utf8),
                attributes: [.posixPermissions: 0o600]
            )
        else { throw POSIXError(.EACCES) }
        return file
    }

    /// A client in TOML with the ordinary keys; `more` follows as it is.
    func client(
        _ name: String,
        at server: MockAuthorizationServer,
        secret: String = "s3cret-of-the-client",
        more: String = ""
    ) throws -> String {
        """
        [clients.\(name)]
        token_endpoint = "\(server.tokenEndpoint)"
        client_id = "\(name)-id"
        client_secret = { file = "\(try self.secret("\(name).secret", secret))" }
        \(more)

        """
    }
}
