import Glibc
import LinuxHost

/// A Unix socket that answers each connection with the same bytes and closes it, in a directory that goes with it.
final class AnsweringSocket: Sendable {
    let requests: AsyncStream<String>
    private let socket: ListeningSocket

    /// - Parameters:
    ///   - answer: its pieces, which are sent one after the other.
    ///   - silent: so many connections before are closed without an answer, and without a look at what was asked.
    init(_ answer: [[UInt8]], afterSilent silent: Int = 0) throws {
        let (requests, request) = AsyncStream<String>.makeStream()
        self.requests = requests
        socket = try ListeningSocket()
        let listener = socket.descriptor
        try HostThread.start(named: "answering") {
            for _ in 0..<silent {
                close(accept(listener, nil, nil))
                request.yield("")
            }
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                request.yield(Self.readRequest(connection))
                for piece in answer where !Self.send(piece, connection) { break }
                close(connection)
            }
            request.finish()
        }
    }

    var path: String { socket.path }

    var directory: String { socket.directory }

    /// What is in the directory besides the socket.
    func names() throws -> [String] { try FileSystem.names(in: directory).filter { $0 != ".sock" }.sorted() }

    /// Head and body; what is left unread when it is closed would reset the connection.
    private static func readRequest(_ connection: Int32) -> String {
        var request: [UInt8] = []
        var byte: UInt8 = 0
        while request.suffix(4) != [0x0D, 0x0A, 0x0D, 0x0A], unsafe recv(connection, &byte, 1, 0) == 1 {
            request.append(byte)
        }
        let length = String(decoding: request, as: UTF8.self).split(separator: "\r\n")
            .first { $0.hasPrefix("Content-Length: ") }.flatMap { Int($0.dropFirst(16)) }
        for _ in 0..<(length ?? 0) where unsafe recv(connection, &byte, 1, 0) == 1 { request.append(byte) }
        return String(decoding: request, as: UTF8.self)
    }

    private static func send(_ bytes: [UInt8], _ connection: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(connection, buffer.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
