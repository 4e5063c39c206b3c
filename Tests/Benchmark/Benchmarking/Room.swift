import Foundation
import LinuxHost

/// A temporary directory with a configuration of its own: state, sockets, secrets and log.
package final class Room: Sendable {
    package let path: String

    /// Short, because a socket's path has 107 bytes at most.
    package init() throws {
        let bytes = try SystemRandom.bytes(6)
        path = "/tmp/tb-bench-" + bytes.map { String($0, radix: 36) }.joined()
        try FileSystem.createDirectory(path, mode: 0o755)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The daemon's configuration file.
    package var configuration: String { "\(path)/tokenbroker.toml" }
    /// The daemon's state directory.
    package var state: String { "\(path)/state" }
    /// The callers' socket.
    package var tokenSocket: String { "\(path)/token.sock" }
    /// The operators' socket.
    package var adminSocket: String { "\(path)/admin.sock" }
    /// Where the daemon's standard error goes.
    package var logFile: String { "\(path)/log" }

    /// Everything the daemon wrote to standard error so far.
    package var log: String {
        (try? Data(contentsOf: URL(filePath: logFile))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Writes the configuration: the daemon's own paths, then `text`; `daemon` adds keys of `[daemon]`.
    package func configure(daemon: String = "", _ text: String) throws {
        try write(
            "tokenbroker.toml",
            """
            [daemon]
            state_directory = "\(state)"
            token_socket = "\(tokenSocket)"
            admin_socket = "\(adminSocket)"
            \(daemon)

            \(text)
            """
        )
    }

    /// Writes a file that only its owner can read; its path.
    @discardableResult
    package func write(_ name: String, _ text: String) throws -> String {
        let file = "\(path)/\(name)"
        let isWritten = FileManager.default.createFile(
            atPath: file,
            contents: Data(text.utf8),
            attributes: [.posixPermissions: 0o600]
        )
        guard isWritten else { throw BenchmarkFailure("\(file) cannot be written") }
        return file
    }

    /// A client in TOML with the ordinary keys, its secret in a file; `more` follows as it is.
    package func client(_ name: String, at tokenEndpoint: String, more: String = "") throws -> String {
        """
        [clients.\(name)]
        token_endpoint = "\(tokenEndpoint)"
        client_id = "\(name)-id"
        client_secret = { file = "\(try write("\(name).secret", "s3cret-of-the-client"))" }
        \(more)

        """
    }
}
