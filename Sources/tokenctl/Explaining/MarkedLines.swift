import OAuth2

/// The lines of what was pasted, as the tools that print responses mark them.
struct MarkedLines {
    /// Those of responses: heads and bodies.
    private(set) var response: [ArraySlice<UInt8>] = []

    /// Those of requests, as curl -v shows them.
    private(set) var request: [ArraySlice<UInt8>] = []

    /// What curl says stood in the way of an answer; nil when it says nothing.
    private(set) var transport: (failure: TransportFailure, words: String)?

    init(_ text: [UInt8]) {
        // What ends a line begins none.
        let whole = text.last == 0x0A ? text.dropLast() : text[...]
        let lines = Self.separated(whole).split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            line.last == 0x0D ? line.dropLast() : line
        }
        let isVerbose = lines.contains { $0.starts(with: "< HTTP/".utf8) }
        // With -i as well, heads come twice: what is marked is left out.
        let isDoubled = isVerbose && lines.contains { StatusLine($0) != nil }
        for line in lines {
            if let words = Self.curlError(line) { transport = transport ?? words }
            if isVerbose, Self.isRemark(line) { continue }
            if isVerbose, line.first == UInt8(ascii: ">") {
                request.append(line.dropFirst(2))
            } else if isVerbose, Self.isMarkedHead(line) {
                if !isDoubled { response.append(line.dropFirst(2)) }
            } else if let line = Self.withoutProgress(line) {
                response.append(line)
            }
        }
    }

    /// `text` with a line break before each status line that follows a body without one.
    private static func separated(_ text: ArraySlice<UInt8>) -> [UInt8] {
        let name = Array("HTTP/".utf8)
        var separated: [UInt8] = []
        separated.reserveCapacity(text.count)
        var rest = text
        while let range = rest.firstRange(of: name) {
            separated += rest[..<range.lowerBound]
            let line = rest[range.lowerBound...].prefix(StatusLine.longestBeginning)
            // Within a text it follows a space or a quotation mark.
            if let last = separated.last, "}])>".utf8.contains(last) || isAlphanumeric(last), StatusLine(line) != nil {
                separated.append(0x0A)
            }
            separated += rest[range]
            rest = rest[range.upperBound...]
        }
        return separated + rest
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
    }

    private static func isMarkedHead(_ line: ArraySlice<UInt8>) -> Bool {
        line.elementsEqual([UInt8(ascii: "<")]) || line.starts(with: "< ".utf8)
    }

    /// Whether it is curl's own, `* Connected to …` or `{ [33 bytes data]`.
    private static func isRemark(_ line: ArraySlice<UInt8>) -> Bool {
        if line.starts(with: "* ".utf8) { return true }
        return (line.starts(with: "{ [".utf8) || line.starts(with: "} [".utf8))
            && line.suffix(6).elementsEqual(" data]".utf8)
    }

    /// What is left of a line of curl's progress meter, which a body may follow; nil for nothing.
    private static func withoutProgress(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let first = line.first, "\r 0123456789".utf8.contains(first) else { return line }
        if line.starts(with: "  % Total".utf8) || line.contains(Array("Dload  Upload".utf8)) { return nil }
        guard let last = line.ranges(of: Array("--:--:--".utf8)).last else { return line }
        let rest = line[last.upperBound...].drop { $0 == 0x0D || " 0123456789.kMG".utf8.contains($0) }
        return rest.isEmpty ? nil : rest
    }

    /// What curl ends with when there is no answer (curl(1), EXIT CODES).
    private static func curlError(_ line: ArraySlice<UInt8>) -> (TransportFailure, String)? {
        guard line.starts(with: "curl: (".utf8) else { return nil }
        let text = String(decoding: line.prefix(512), as: UTF8.self).dropFirst("curl: (".count)
        let number = Int(text.prefix { $0 != ")" })
        let words = String(text.drop { $0 != ")" }.dropFirst(2))
        let failure: TransportFailure? =
            switch number {
            case 5, 97: .proxyFailed
            case 6: .nameNotFound
            case 7: .connectionRefused
            case 28: words.contains("onnect") ? .connectTimeout : .responseTimeout
            case 35: .tlsFailed
            case 51, 60: .certificateRefused
            case 58: .clientCertificateRefused
            case 1, 8: .notHTTP
            case 18, 52, 56, 92: .resetAfterSending
            default: nil
            }
        return failure.map { ($0, words) }
    }
}

/// The first line of a response (RFC 9112 §4), or what tools print for it where the protocol has none.
struct StatusLine {
    /// `HTTP/1.1 400 ` and no more.
    static let longestBeginning = 13

    let status: Int
    let reason: String

    init?(_ line: ArraySlice<UInt8>) {
        guard line.starts(with: "HTTP/".utf8) else { return nil }
        let text = String(decoding: line.prefix(256), as: UTF8.self)
        let words = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        let version = words[0].dropFirst(5)
        guard words.count > 1, ["1.0", "1.1", "2", "2.0", "3", "3.0"].contains(version) else { return nil }
        let digits = words[1].prefix { !$0.isNewline }
        guard digits.utf8.count == 3, let status = Int(digits), (100...599).contains(status) else { return nil }
        self.status = status
        reason = words.count > 2 ? String(words[2]) : ""
    }
}
