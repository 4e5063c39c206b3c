import Glibc

/// A request as HTTP/1.1 writes it, on a connection that stays.
struct Request {
    let bytes: [UInt8]

    /// `METHOD TARGET`, and what comes after another space is a form, or JSON.
    init(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 2)
        var head = "\(parts.prefix(2).joined(separator: " ")) HTTP/1.1\r\nHost: x\r\n"
        let body = parts.count > 2 ? String(parts[2]) : ""
        if text.hasPrefix("POST") {
            let type = body.hasPrefix("{") ? "application/json" : "application/x-www-form-urlencoded"
            head += "Content-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n"
        }
        bytes = Array("\(head)\r\n\(body)".utf8)
    }
}

/// What the broker answered.
struct Answer {
    let status: Int
    /// RFC 6749 §5.2's code.
    let error: String?
}

/// A connection to the token socket.
struct Connection {
    let descriptor: Int32

    init(to path: String) throws(Failure) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .last("socket") }
        guard unsafe withUnixAddress(path, { unsafe connect(descriptor, $0, $1) }) == 0 else {
            let failure = Failure.last("connect \(path)")
            close()
            throw failure
        }
    }

    func close() { Glibc.close(descriptor) }

    /// Sends all of `bytes`, or as much as the peer takes now when the descriptor does not block.
    func send(_ bytes: [UInt8]) -> Int { unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// Asks, and waits for the whole answer.
    func exchange(_ request: Request) throws(Failure) -> Answer {
        guard send(request.bytes) == request.bytes.count else { throw .last("send") }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw .last("recv") }
            guard count > 0 else { throw Failure("the connection ended before the answer") }
            received += buffer[..<count]
            if let answer = try Self.answer(received) { return answer }
        }
    }

    /// Nil while it is not whole.
    private static func answer(_ bytes: [UInt8]) throws(Failure) -> Answer? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).lowercased()
        let fields = head.split(separator: "\r\n")
        guard let status = Int(head.dropFirst(9).prefix(3)),
            let length = fields.first(where: { $0.hasPrefix("content-length: ") }).flatMap({ Int($0.dropFirst(16)) })
        else { throw Failure("no answer of a known length: \(head)") }
        let body = bytes[end.upperBound...]
        guard body.count >= length else { return nil }
        return Answer(status: status, error: error(in: String(decoding: body, as: UTF8.self)))
    }

    private static func error(in body: String) -> String? {
        body.firstRange(of: "\"error\":\"").map { String(body[$0.upperBound...].prefix { $0 != "\"" }) }
    }
}

/// Tells the service manager, as sd_notify(3) does.
func notify(_ path: String, _ message: String) throws(Failure) {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    let bytes = Array(message.utf8)
    let sent = unsafe withUnixAddress(path) { unsafe sendto(descriptor, bytes, bytes.count, 0, $0, $1) }
    guard sent == bytes.count else { throw .last("sendto \(path)") }
}

private func withUnixAddress<Result>(
    _ path: String,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8.prefix(107)) }
    return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
