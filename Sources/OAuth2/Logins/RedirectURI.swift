/// Where a browser is sent back to after a login (RFC 6749 §3.1.2): to this machine, where a program listens for it, or
/// elsewhere, from where a person brings the address.
package struct RedirectURI: Sendable, Hashable {
    /// Why a text is no redirect URI.
    package enum Refusal: Error, Sendable, Hashable {
        /// No absolute URI of printable ASCII.
        case malformed

        /// It has a fragment (RFC 6749 §3.1.2).
        case fragment

        /// `http` leads to another machine, where the code could be read on the way (RFC 8252 §8.3).
        case notLoopback

        /// It names a port that is none.
        case port
    }

    /// As it is written; port 0, and none, stand for any.
    package let text: String

    /// Whether a program on this machine listens for it.
    package let isLoopback: Bool

    /// Whether it names `localhost`, which a resolver may send elsewhere (RFC 8252 §8.3).
    package let isLocalhost: Bool

    /// The port that is listened on; nil for any, and where nothing listens.
    package let port: UInt16?

    /// What comes before the port, and after it.
    private let beforePort: String
    private let afterPort: String

    /// What browsers pass on without trouble.
    private static let maximumLength = 2_048

    /// Reads `text`.
    package init(_ text: String) throws(Refusal) {
        guard text.utf8.count <= Self.maximumLength, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let colon = text.firstIndex(of: ":"), Self.isScheme(text[..<colon])
        else { throw .malformed }
        guard !text.contains("#") else { throw .fragment }
        self.text = text
        let rest = text[text.index(after: colon)...]
        guard !rest.isEmpty else { throw .malformed }
        guard text[..<colon].lowercased() == "http" else {
            (isLoopback, isLocalhost, port, beforePort, afterPort) = (false, false, nil, text, "")
            return
        }
        guard rest.hasPrefix("//") else { throw .malformed }
        let authority = rest.dropFirst(2).prefix { !"/?".contains($0) }
        let host = Self.hosts.first { authority.lowercased().hasPrefix($0) }
        guard let host else { throw .notLoopback }
        let written = authority.dropFirst(host.count)
        guard written.isEmpty || written.first == ":" else { throw .notLoopback }
        var number: UInt16 = 0
        if !written.isEmpty {
            guard written.dropFirst().allSatisfy(\.isNumber), let port = UInt16(written.dropFirst()) else {
                throw .port
            }
            number = port
        }
        (isLoopback, isLocalhost, port) = (true, host == "localhost", number == 0 ? nil : number)
        beforePort = String(text[..<written.startIndex])
        afterPort = String(text[authority.endIndex...])
    }

    /// The same with `port` in the place of any.
    package func text(listeningOn listening: UInt16) -> String {
        isLoopback && port == nil ? "\(beforePort):\(listening)\(afterPort)" : text
    }

    /// The query of what a browser or a person brought back: a URL, or a path with a query; nil when it has none.
    package static func query(of redirect: String) -> Substring? {
        let whole = redirect.prefix { $0 != "#" }
        return whole.firstIndex(of: "?").map { whole[whole.index(after: $0)...] }
    }

    private static let hosts = ["127.0.0.1", "[::1]", "localhost"]

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.first, first.isASCII, first.isLetter else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
    }
}
