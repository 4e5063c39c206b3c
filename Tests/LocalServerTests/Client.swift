import CLinux
import Glibc
import LinuxHost

/// A caller that sends what no HTTP client would.
final class Client: Sendable {
    let descriptor: Int32

    /// A socket that is not connected yet.
    init() throws {
        descriptor = clinux_unix_stream(0)
        guard descriptor >= 0 else { throw FixtureError.system("socket", errno) }
        // So that a server that does not answer fails the test and does not stop it.
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    convenience init(_ path: String) throws {
        try self.init()
        try connect(path)
    }

    deinit { close(descriptor) }

    func connect(_ path: String) throws {
        guard unsafe clinux_unix_connect(descriptor, path) == 0 else { throw FixtureError.system("connect", errno) }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(descriptor, buffer.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw FixtureError.system("send", errno) }
            sent += count
        }
    }

    func finishSending() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// What came next, empty at the end; a reset is an end too.
    func receive(_ maximum: Int = 65_536) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: maximum)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        if count < 0, errno == ECONNRESET { return [] }
        guard count >= 0 else { throw FixtureError.system("recv", errno) }
        return Array(buffer.prefix(count))
    }

    /// Everything until the server closes.
    func receiveAll() throws -> String {
        var all: [UInt8] = []
        while true {
            let bytes = try receive()
            if bytes.isEmpty { return String(decoding: all, as: UTF8.self) }
            all += bytes
        }
    }

    /// One whole answer with a Content-Length.
    func receiveAnswer() throws -> ReceivedAnswer {
        var head = ""
        while !head.hasSuffix("\r\n\r\n") {
            let byte = try receive(1)
            guard !byte.isEmpty else { throw FixtureError.streamEnded }
            head += String(decoding: byte, as: UTF8.self)
        }
        let status = head.split(separator: " ")[1]
        let length = head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }?.dropFirst(16)
        var body: [UInt8] = []
        while body.count < Int(length ?? "0")! {
            let bytes = try receive(Int(length ?? "0")! - body.count)
            guard !bytes.isEmpty else { throw FixtureError.streamEnded }
            body += bytes
        }
        return ReceivedAnswer(status: Int(status)!, head: head, body: String(decoding: body, as: UTF8.self))
    }

    /// Asks and waits for the answer.
    func ask(_ target: String) throws -> ReceivedAnswer {
        try send("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return try receiveAnswer()
    }
}

struct ReceivedAnswer: Equatable {
    let status: Int
    let head: String
    let body: String
}
