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
        let authority = rest.prefix { !"/?".contains($0) }
        let target = rest[authority.endIndex...]
        guard !authority.contains("@") else { throw .userInformation }
        try EndpointURL.check(target: target)
        let (host, port) = try EndpointURL.hostAndPort(authority)

        self.text = text
        self.scheme = scheme
        self.host = host.text
        self.port = port ?? scheme.defaultPort
        path = String(target.prefix { $0 != "?" })
        query = target.firstIndex(of: "?").map { String(target[target.index(after: $0)...]) }
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
    private static func check(_ text: String) throws(EndpointURLError) {
        let reservedAndUnreserved = ":/?#[]@!$&'()*+,;=-._~%".unicodeScalars
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard isAlphanumeric(scalar) || reservedAndUnreserved.contains(scalar) else {
                throw .forbiddenCharacter(scalar)
            }
            let isWholeEscape = rest.dropFirst().first != nil && rest.prefix(2).allSatisfy(\.properties.isASCIIHexDigit)
            guard scalar != "%" || isWholeEscape else { throw .malformedEscape }
            guard scalar != "#" else { throw .fragment }
        }
    }

    /// Brackets are for the host alone.
    private static func check(target: Substring) throws(EndpointURLError) {
        for bracket: Unicode.Scalar in ["[", "]"] where target.unicodeScalars.contains(bracket) {
            throw .forbiddenCharacter(bracket)
        }
    }

    private static func scheme(of text: String) throws(EndpointURLError) -> (Scheme, rest: Substring) {
        guard let separator = text.firstRange(of: "://") else { throw .missingScheme }
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

    private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "0"..."9", "A"..."Z", "a"..."z": true
        default: false
        }
    }
}
