/// One request on a connection of its own, and what was answered.
package struct HTTPExchange: Sendable {
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
        let received = try peer.answer(to: request, isWhole: Self.isWhole)
        guard let (status, bodyStart) = Self.whole(received) else {
            throw BenchmarkFailure("the answer is not HTTP")
        }
        (self.status, self.bodyStart) = (status, bodyStart)
        bytes = received
    }

    /// Whether an answer is there to its end.
    package static func isWhole(_ bytes: [UInt8]) -> Bool { whole(bytes) != nil }

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
}
