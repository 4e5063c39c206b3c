/// The URL of an authorization server's endpoint: `https`, or `http` on this machine.
///
/// A strict subset of RFC 3986: ASCII, no user information, no fragment (RFC 6749 §3.2); the query is kept.
package struct EndpointURL: Sendable, Hashable, CustomStringConvertible {
    /// How the endpoint is reached.
    package enum Scheme: String, Sendable, Hashable {
        case https, http

        /// The port when the URL names none.
        package var defaultPort: Int {
            switch self {
            case .https: 443
            case .http: 80
            }
        }
    }

    /// As it was written.
    package let text: String

    /// Given in any case.
    package let scheme: Scheme

    /// In lower case; an IPv6 address in its shortest form (RFC 5952) and without brackets.
    package let host: String

    /// The scheme's own when the text names none.
    package let port: Int

    /// As written: empty, or beginning with `/`.
    package let path: String

    /// As written and without the `?`; nil when there is none.
    package let query: String?

    /// Whether the host is this machine: 127.0.0.0/8, `::1` or `localhost`.
    package let isLoopback: Bool

    /// What browsers and proxies pass on without trouble.
    package static let maximumLength = 2_048

    /// Reads `text`, and says what is wrong with it.
    package init(_ text: String) throws(EndpointURLError) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= EndpointURL.maximumLength else { throw .tooLong }
        try EndpointURL.check(text)
        let (scheme, rest) = try EndpointURL.scheme(of: text)
        let authority = Substring(rest.utf8.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") })
        let target = rest[authority.endIndex...]
        guard !authority.contains("@") else { throw .userInformation }
        try EndpointURL.check(target: target)
        let (host, port) = try EndpointURL.hostAndPort(authority)

        self.text = text
        self.scheme = scheme
        self.host = host.text
        self.port = port ?? scheme.defaultPort
        let queryStart = target.utf8.firstIndex(of: UInt8(ascii: "?"))
        path = String(target[..<(queryStart ?? target.endIndex)])
        query = queryStart.map { String(target[target.utf8.index(after: $0)...]) }
        isLoopback = host.isLoopback
        guard scheme == .https || isLoopback else { throw .plainHTTP(host: host.text) }
    }

    /// The URL of `path` at the same origin, without a query.
    init(origin: EndpointURL, path: String) {
        text = origin.origin + path
        scheme = origin.scheme
        host = origin.host
        port = origin.port
        self.path = path
        query = nil
        isLoopback = origin.isLoopback
    }

    /// The first page of the same server.
    package var root: EndpointURL { EndpointURL(origin: self, path: "/") }

    /// Scheme, host and port in one normal form, the default port left out.
    package var origin: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return port == scheme.defaultPort ? "\(scheme.rawValue)://\(host)" : "\(scheme.rawValue)://\(host):\(port)"
    }

    /// As it was written, for those who need not know what stands in its query.
    package var textWithoutQuery: String { String(text.prefix { $0 != "?" }) }

    /// As it was written.
    package var description: String { text }
}

extension EndpointURL {
    /// Whether `text` holds only what RFC 3986 allows unescaped, and every escape is whole.
    ///
    /// Byte by byte, as thousands of clients may be configured.
    private static func check(_ text: String) throws(EndpointURLError) {
        let bytes = text.utf8
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            guard isReservedOrUnreserved(byte) else {
                throw .forbiddenCharacter(text.unicodeScalars[index])
            }
            bytes.formIndex(after: &index)
            if byte == UInt8(ascii: "%") {
                let digits = bytes[index...].prefix(2)
                guard digits.count == 2, digits.allSatisfy(isHexDigit) else { throw .malformedEscape }
            }
            guard byte != UInt8(ascii: "#") else { throw .fragment }
        }
    }

    private static func isReservedOrUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: marks.contains(byte)
        }
    }

    private static let marks = Array(":/?#[]@!$&'()*+,;=-._~%".utf8)

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "a")...UInt8(ascii: "f"):
            true
        default: false
        }
    }

    /// Brackets are for the host alone.
    private static func check(target: Substring) throws(EndpointURLError) {
        for bracket: Unicode.Scalar in ["[", "]"] where target.unicodeScalars.contains(bracket) {
            throw .forbiddenCharacter(bracket)
        }
    }

    private static func scheme(of text: String) throws(EndpointURLError) -> (Scheme, rest: Substring) {
        guard let separator = text.utf8.firstRange(of: "://".utf8) else { throw .missingScheme }
        let name = text[..<separator.lowerBound].lowercased()
        guard !name.isEmpty, !name.contains(where: { "/?[@".contains($0) }) else { throw .missingScheme }
        guard let scheme = Scheme(rawValue: name) else { throw .unsupportedScheme(name) }
        return (scheme, text[separator.upperBound...])
    }

    private static func hostAndPort(_ authority: Substring) throws(EndpointURLError) -> (Host, port: Int?) {
        // Within brackets, colons belong to the address.
        let hostEnd =
            authority.hasPrefix("[")
            ? authority.firstIndex(of: "]").map { authority.index(after: $0) } ?? authority.endIndex
            : authority.firstIndex(of: ":") ?? authority.endIndex
        let hostText = authority[..<hostEnd]
        guard !hostText.isEmpty else { throw .missingHost }
        guard let host = Host(hostText) else { throw .malformedHost(String(hostText)) }
        let rest = authority[hostEnd...]
        guard !rest.isEmpty else { return (host, nil) }
        let digits = rest.dropFirst()
        guard rest.hasPrefix(":") else { throw .malformedHost(String(authority)) }
        guard (1...5).contains(digits.count), digits.first != "0",
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(digits), port <= 65_535
        else { throw .malformedPort(String(digits)) }
        return (host, Int(port))
    }
}
