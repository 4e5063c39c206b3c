/// Takes a browser's request apart as its bytes come; it believes nothing but a plain GET of the redirect.
struct RedirectRequestReader {
    /// Longer than the addresses that browsers and the daemon take.
    static let maximumHead = 16 << 10

    enum Outcome: Equatable {
        case needsMore
        /// The path and query that the browser was sent to.
        case redirect(String)
        case refused(RedirectPage)
    }

    /// Where the browser is sent back to.
    let path: String

    /// What it may put into `Host`.
    let authorities: Set<String>

    private var bytes: [UInt8] = []

    init(path: String, authorities: Set<String>) {
        self.path = path
        self.authorities = authorities
    }

    /// How much more is taken.
    var room: Int { Self.maximumHead - bytes.count }

    /// Adds what came and says what the request is by now.
    mutating func append(_ received: [UInt8]) -> Outcome {
        // The end of the head may have begun in what was there.
        let start = max(0, bytes.count - 3)
        bytes += received
        // No request, as the first byte of TLS, which would be waited on in vain.
        guard bytes.first.map({ (0x41...0x5A).contains($0) }) ?? true else { return .refused(.badRequest) }
        let end: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        guard let length = (start..<max(start, bytes.count - 3)).first(where: { bytes[$0...].starts(with: end) }) else {
            return bytes.count < Self.maximumHead ? .needsMore : .refused(.tooLarge)
        }
        return read(bytes[..<length])
    }

    private func read(_ head: ArraySlice<UInt8>) -> Outcome {
        var lines: [Substring] = []
        for line in String(decoding: head, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false) {
            guard line.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { return .refused(.badRequest) }
            lines.append(line)
        }
        let words = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, ["HTTP/1.1", "HTTP/1.0"].contains(words[2]), words[1].first == "/",
            words[1].utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let fields = Self.fields(lines),
            // A body would be no redirect.
            fields["content-length"] ?? "0" == "0", fields["transfer-encoding"] == nil,
            let host = fields["host"], authorities.contains(host.lowercased())
        else { return .refused(.badRequest) }
        guard words[0] == "GET" else { return .refused(.methodNotAllowed) }
        guard words[1].prefix(while: { $0 != "?" }) == path else { return .refused(.notFound) }
        return .redirect(String(words[1]))
    }

    /// The fields by their names in lower case; nil when one is none, or one that matters here is there twice.
    private static func fields(_ lines: [Substring]) -> [String: Substring]? {
        var fields: [String: Substring] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let name = line[..<colon].lowercased()
            guard !name.isEmpty, !name.contains(where: { $0 == " " || $0 == "\t" }) else { return nil }
            let isKnown = ["host", "content-length", "transfer-encoding"].contains(name)
            guard !isKnown || fields[name] == nil else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            fields[name] = Substring(String(value.reversed().drop { $0 == " " || $0 == "\t" }.reversed()))
        }
        return fields
    }
}
