import Glibc

/// One request on a connection of its own, and what was answered.
package struct HTTPExchange: Sendable {
    /// Who is asked.
    package enum Peer: Sendable {
        case unixSocket(String)
        /// A port on 127.0.0.1.
        case port(UInt16)
    }

    package let status: Int
    /// The whole answer, head and all.
    package let bytes: [UInt8]
    private let bodyStart: Int

    /// The answer's body.
    package var body: ArraySlice<UInt8> { bytes[bodyStart...] }

    /// The answer's body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// A request as HTTP/1.1 writes it, with `fields` in its head as they are.
    package static func request(
        _ method: String = "GET",
        _ target: String,
        fields: [String] = [],
        body: String = ""
    ) -> [UInt8] {
        let length = body.isEmpty && method == "GET" ? [] : ["Content-Length: \(body.utf8.count)"]
        let head = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + fields + length
        return Array("\(head.joined(separator: "\r\n"))\r\n\r\n\(body)".utf8)
    }

    /// Asks, and waits for the whole answer, whose length it must say.
    package init(_ request: [UInt8], to peer: Peer) throws(BenchmarkFailure) {
        let descriptor = try Self.connect(to: peer)
        defer { close(descriptor) }
        guard unsafe send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw .last("send")
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let whole = Self.whole(received) {
                (status, bodyStart) = whole
                break
            }
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw .last("recv") }
            guard count > 0 else { throw BenchmarkFailure("the connection ended before a whole answer") }
            received += buffer[..<count]
        }
        bytes = received
    }

    /// The status and where the body starts; nil while something is missing.
    private static func whole(_ bytes: [UInt8]) -> (status: Int, bodyStart: Int)? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).lowercased().split(separator: "\r\n")
        let field = lines.first { $0.hasPrefix("content-length:") }
        let length = field.flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
        guard let status = Int(lines[0].dropFirst(9).prefix(3)), bytes.count >= end.upperBound + length else {
            return nil
        }
        return (status, end.upperBound)
    }

    private static func connect(to peer: Peer) throws(BenchmarkFailure) -> Int32 {
        let isUnix = if case .unixSocket = peer { true } else { false }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(isUnix ? AF_UNIX : AF_INET, type, 0)
        guard descriptor >= 0 else { throw .last("socket") }
        let connected: Int32
        switch peer {
        case .unixSocket(let path):
            connected = unsafe withUnixAddress(path) { unsafe Glibc.connect(descriptor, $0, $1) }
        case .port(let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            connected = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        guard connected == 0 else {
            let failure = BenchmarkFailure.last("connect")
            close(descriptor)
            throw failure
        }
        return descriptor
    }
}
