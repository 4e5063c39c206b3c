internal import LocalAPI

/// Reads a whole head, the request line to the empty line (RFC 9112 §2 to §5).
struct HeadParser {
    /// Shared with the connection's buffer, not copied; `HeadScanner` found CR LF CR LF in it, which ends every loop
    /// below, and no other CR, LF or control character before.
    private let bytes: [UInt8]
    private var index: Int

    /// Reads the head that `held` begins with.
    static func parse(_ held: WipedBytes) throws(APIError) -> ParsedHead {
        var parser = HeadParser(bytes: held.storage, index: held.start)
        return try parser.parse()
    }

    private mutating func parse() throws(APIError) -> ParsedHead {
        let method = try method()
        let target = try target()
        let minorVersion = try version()
        guard let method else {
            throw APIError(.invalidRequest, "only GET and POST are understood", status: 405, allow: "GET, POST")
        }
        var head = ParsedHead(request: HTTPRequest(method: method, target: target, keepsAlive: minorVersion > 0))
        var fields = SeenFields()
        while !atLineEnd { try field(&head, &fields) }
        if method == .post, fields.contentLength == nil {
            throw APIError(
                .invalidRequest,
                "a POST needs a Content-Length",
                remedy: "Send one, of 0 where there is no body; curl does with -d ''.",
                status: 411
            )
        }
        head.contentLength = fields.contentLength ?? 0
        // RFC 9112 §9.3: "close" wins over everything, and HTTP/1.0 stays open only when asked to.
        head.request.keepsAlive = !fields.saysClose && (minorVersion > 0 || fields.saysKeepAlive)
        // RFC 9110 §10.1.1: an HTTP/1.0 sender does not know what to do with the answer.
        if minorVersion == 0 { head.expectsContinue = false }
        head.request.knowsChunks = minorVersion > 0
        return head
    }

    private struct SeenFields {
        var contentLength: Int?
        var hasHost = false
        var saysClose = false
        var saysKeepAlive = false
    }

    private var atLineEnd: Bool { bytes[index] == 0x0D }

    private func malformed(_ what: String) -> APIError { APIError(.invalidRequest, what) }

    // MARK: The request line

    /// Nil for a method that is well formed and not ours.
    private mutating func method() throws(APIError) -> HTTPMethod? {
        let start = index
        while isTokenByte(bytes[index]) { index += 1 }
        guard index > start, bytes[index] == 0x20 else { throw malformed("the request line has no method") }
        defer { index += 1 }
        if matches("GET", start) { return .get }
        if matches("POST", start) { return .post }
        return nil
    }

    private mutating func target() throws(APIError) -> String {
        let start = index
        while bytes[index] > 0x20 && bytes[index] < 0x7F { index += 1 }
        guard bytes[index] == 0x20, index > start, bytes[start] == UInt8(ascii: "/") else {
            throw malformed("the request line has no path, or one with bytes that must be escaped")
        }
        let target = text(start, index)
        index += 1
        return target
    }

    /// The minor version of HTTP/1.
    private mutating func version() throws(APIError) -> Int {
        let start = index
        while bytes[index] != 0x0D && bytes[index] != 0x0A { index += 1 }
        let length = index - start
        guard length == 8, matches("HTTP/", start, upTo: start + 5) else {
            throw malformed("the request line does not end in the version of HTTP")
        }
        guard matches("HTTP/1.", start, upTo: start + 7), bytes[start + 7] == 0x30 || bytes[start + 7] == 0x31 else {
            throw APIError(.invalidRequest, "only HTTP/1.1 and HTTP/1.0 are understood", status: 505)
        }
        let minor = Int(bytes[start + 7] - 0x30)
        try lineEnd()
        return minor
    }

    private mutating func lineEnd() throws(APIError) {
        guard bytes[index] == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A else {
            throw malformed("a line does not end in CR LF, or has a control character")
        }
        index += 2
    }

    // MARK: Fields

    private mutating func field(_ head: inout ParsedHead, _ seen: inout SeenFields) throws(APIError) {
        let start = index
        while isTokenByte(bytes[index]) { index += 1 }
        let end = index
        guard end > start, bytes[index] == UInt8(ascii: ":") else {
            throw malformed("a header field has a malformed name")
        }
        index += 1
        while bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
        let valueStart = index
        while isFieldByte(bytes[index]) { index += 1 }
        var valueEnd = index
        while valueEnd > valueStart, bytes[valueEnd - 1] == 0x20 || bytes[valueEnd - 1] == 0x09 { valueEnd -= 1 }
        try lineEnd()
        try apply(name: (start, end), value: (valueStart, valueEnd), &head, &seen)
    }

    private func apply(
        name: (Int, Int),
        value: (Int, Int),
        _ head: inout ParsedHead,
        _ seen: inout SeenFields
    ) throws(APIError) {
        switch name.1 - name.0 {
        case 4 where isNamed("host", name):
            guard !seen.hasHost else { throw malformed("there are two Host fields") }
            seen.hasHost = true
        case 6 where isNamed("accept", name):
            head.request.accept =
                head.request.accept.map { "\($0),\(text(value.0, value.1))" } ?? text(value.0, value.1)
        case 6 where isNamed("expect", name):
            guard text(value.0, value.1).lowercased() == "100-continue" else {
                throw APIError(.invalidRequest, "only Expect: 100-continue is understood", status: 417)
            }
            head.expectsContinue = true
        case 10 where isNamed("connection", name):
            for option in text(value.0, value.1).lowercased().split(separator: ",") {
                switch option.filter({ $0 != " " && $0 != "\t" }) {
                case "close": seen.saysClose = true
                case "keep-alive": seen.saysKeepAlive = true
                default: break
                }
            }
        case 12 where isNamed("content-type", name):
            head.request.contentType = text(value.0, value.1)
        case 13 where isNamed("authorization", name):
            guard head.request.authorization == nil else { throw malformed("there are two Authorization fields") }
            head.request.authorization = text(value.0, value.1)
            head.request.isOrdinary = false
        case 14 where isNamed("content-length", name):
            guard seen.contentLength == nil else { throw malformed("there are two Content-Length fields") }
            seen.contentLength = try contentLength(value)
        case 17 where isNamed("transfer-encoding", name):
            throw APIError(
                .invalidRequest,
                "transfer codings are not understood",
                remedy: "Send a Content-Length.",
                status: 501
            )
        case 10 where isNamed("user-agent", name), 15 where isNamed("accept-encoding", name):
            break
        default:
            head.request.isOrdinary = false
        }
    }

    private func contentLength(_ value: (Int, Int)) throws(APIError) -> Int {
        guard value.1 > value.0, value.1 - value.0 <= 12 else { throw malformed("the Content-Length is no number") }
        var length = 0
        for position in value.0..<value.1 {
            guard (0x30...0x39).contains(bytes[position]) else { throw malformed("the Content-Length is no number") }
            length = length * 10 + Int(bytes[position] - 0x30)
        }
        guard length <= RequestParser.maximumBody else {
            throw APIError(
                .invalidRequest,
                "the body has more than \(RequestParser.maximumBody) bytes",
                status: 413
            )
        }
        return length
    }

    // MARK: Bytes

    private func text(_ start: Int, _ end: Int) -> String {
        unsafe String(unsafeUninitializedCapacity: end - start) { buffer in
            for offset in 0..<(end - start) { unsafe buffer[offset] = bytes[start + offset] }
            return end - start
        }
    }

    private func matches(_ text: StaticString, _ start: Int) -> Bool {
        text.utf8CodeUnitCount == index - start && matches(text, start, upTo: index)
    }

    private func matches(_ text: StaticString, _ start: Int, upTo end: Int) -> Bool {
        text.withUTF8Buffer { wanted in
            for offset in 0..<min(wanted.count, end - start) where unsafe wanted[offset] != bytes[start + offset] {
                return false
            }
            return true
        }
    }

    /// Whether the name at `range`, of the right length, is `lowercased`.
    private func isNamed(_ lowercased: StaticString, _ range: (Int, Int)) -> Bool {
        lowercased.withUTF8Buffer { wanted in
            for offset in 0..<wanted.count {
                let byte = bytes[range.0 + offset]
                let lower = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
                if unsafe wanted[offset] != lower { return false }
            }
            return true
        }
    }

    /// A byte of a token (RFC 9110 §5.6.2).
    private func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private func isFieldByte(_ byte: UInt8) -> Bool { byte == 0x09 || (byte >= 0x20 && byte != 0x7F) }
}
