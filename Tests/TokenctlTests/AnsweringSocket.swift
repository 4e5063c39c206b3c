import Glibc
import LinuxHost

/// A Unix socket that answers each connection with the same bytes and closes it, in a directory that goes with it.
final class AnsweringSocket: Sendable {
    let directory: String
    let requests: AsyncStream<String>
    private let listener: Int32

    /// - Parameters:
    ///   - answer: its pieces, which are sent one after the other.
    ///   - silent: so many connections before are closed without an answer, and without a look at what was asked.
    init(_ answer: [[UInt8]], afterSilent silent: Int = 0) throws {
        var template = Array("\(CurrentProcess.environment("TMPDIR") ?? "/tmp")/tokenctl-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw HostError.last("mkdtemp") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let (requests, request) = AsyncStream<String>.makeStream()
        self.requests = requests
        let listener = try UnixSocket.listen("\(directory)/.sock", mode: 0o600).release()
        self.listener = listener
        // It is left nonblocking for event loops.
        _ = fcntl(listener, F_SETFL, 0)
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

    deinit {
        // Closing it would not wake the thread.
        shutdown(listener, Int32(SHUT_RDWR))
        for name in (try? FileSystem.names(in: directory)) ?? [] { unsafe unlink("\(directory)/\(name)") }
        unsafe rmdir(directory)
    }

    var path: String { "\(directory)/.sock" }

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
