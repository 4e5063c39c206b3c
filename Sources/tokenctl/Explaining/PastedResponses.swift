import OAuth2

/// The responses in what was pasted, in their order.
struct PastedResponses {
    /// A response as it stands there.
    struct Response {
        /// Nil for a body without a head.
        var status: Int?
        var reason = ""
        var headers: [(name: String, value: String)] = []
        var body: [UInt8] = []

        func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
    }

    private(set) var responses: [Response] = []

    /// What the requests looked like, where they were pasted along.
    private(set) var request = PastedRequest([])

    /// What stood in the way of an answer; nil when there is an answer, or nothing is said.
    private(set) var transport: (failure: TransportFailure, words: String)?

    /// More tries are no chain that a person pasted.
    static let maximumResponses = 64

    /// No server sends more.
    private static let maximumFields = 256

    init(_ text: [UInt8]) {
        let lines = MarkedLines(text)
        var requestLines = lines.request
        var place = Place.outside
        for line in lines.response {
            if let status = StatusLine(line), responses.count < Self.maximumResponses {
                responses.append(Response(status: status.status, reason: status.reason))
                place = .head
            } else if place != .head, Self.isRequestLine(line) {
                place = .outside
                requestLines.append(line)
            } else {
                switch place {
                case .outside: requestLines.append(line)
                case .head: place = addToHead(line)
                case .body: responses[responses.count - 1].body += line + [0x0A]
                }
            }
        }
        if responses.isEmpty {
            requestLines = lines.request
            if let failed = lines.transport {
                transport = failed
            } else {
                responses = Self.bare(lines.response)
            }
        }
        request = PastedRequest(requestLines)
        for index in responses.indices { responses[index].body = Self.trimmed(responses[index]) }
    }

    private enum Place { case outside, head, body }

    /// Adds a line of a head; what is no field of one begins the body.
    private mutating func addToHead(_ line: ArraySlice<UInt8>) -> Place {
        let last = responses.count - 1
        guard !line.isEmpty else { return .body }
        let text = String(decoding: line, as: UTF8.self)
        if text.first == " " || text.first == "\t", !responses[last].headers.isEmpty {
            let field = responses[last].headers.count - 1
            responses[last].headers[field].value += " \(Self.value(text))"
            return .head
        }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, parts[0].utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            parts[0].first != "{", parts[0].first != "<"
        else {
            responses[last].body += line + [0x0A]
            return .body
        }
        if responses[last].headers.count < Self.maximumFields {
            responses[last].headers.append((String(parts[0]), Self.value(parts[1])))
        }
        return .head
    }

    private static func value(_ text: some StringProtocol) -> String {
        String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }

    private static func isRequestLine(_ line: ArraySlice<UInt8>) -> Bool {
        [" HTTP/1.1", " HTTP/1.0", " HTTP/2"].contains { line.suffix($0.utf8.count).elementsEqual($0.utf8) }
            && (line.starts(with: "POST /".utf8) || line.starts(with: "GET /".utf8))
    }

    /// Bodies without heads, one after the other, and the status that `curl -w '%{http_code}'` puts after the last.
    private static func bare(_ lines: [ArraySlice<UInt8>]) -> [Response] {
        let text = Array(lines.joined(separator: [0x0A]))
        var bodies: [Response] = []
        var rest = text.drop(while: PastedInput.isSpace)
        while bodies.count < maximumResponses, let end = JSONEnd.find(in: rest) {
            bodies.append(Response(body: Array(rest[..<end])))
            rest = rest[end...].drop(while: PastedInput.isSpace)
        }
        guard !bodies.isEmpty else { return [Response(body: text)] }
        let left = String(decoding: rest.prefix(8), as: UTF8.self).filter { !$0.isWhitespace }
        if left.count == 3, let status = Int(left), (100...599).contains(status) {
            bodies[bodies.count - 1].status = status
        }
        return bodies
    }

    /// The body alone: without what tools print after it, and without chunks where a tool printed them.
    private static func trimmed(_ response: Response) -> [UInt8] {
        var body = response.body
        if response.header("transfer-encoding")?.lowercased() == "chunked" { body = withoutChunks(body) }
        let start = body.drop(while: PastedInput.isSpace)
        if let end = JSONEnd.find(in: start) { return Array(start[..<end]) }
        for remark in ["* Connection #", "* Closing connection"] {
            if let range = body.firstRange(of: Array(remark.utf8)) { body = Array(body[..<range.lowerBound]) }
        }
        return body
    }

    /// What chunks hold; `body` as it is where it has none.
    private static func withoutChunks(_ body: [UInt8]) -> [UInt8] {
        let size = body.prefix { $0 != 0x0A }
        guard !size.isEmpty, size.count <= 8, size.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
            return body
        }
        var reader = AnswerReader()
        // The ends of lines were made alike when they were cut.
        let lines = body.split(separator: 0x0A, omittingEmptySubsequences: false).joined(separator: [0x0D, 0x0A])
        reader.append(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8) + lines)
        var whole: [UInt8] = []
        while case .body(let piece) = reader.next() { whole += piece }
        return whole.isEmpty ? body : whole
    }
}

/// Where a JSON object ends that is followed by something else.
enum JSONEnd {
    /// The index after the object that `text` begins with; nil when it begins with none, or with one that is cut off.
    static func find(in text: ArraySlice<UInt8>) -> Int? {
        guard text.first == UInt8(ascii: "{") else { return nil }
        var depth = 0
        var isText = false
        var isEscaped = false
        for index in text.indices {
            let byte = text[index]
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
        }
        return nil
    }
}
