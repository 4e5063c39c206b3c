package import OAuth2

/// An HTTP proxy that connections are tunnelled through (CONNECT, RFC 9110 §9.3.6), and what goes past it.
package struct ProxySetting: Sendable, Hashable {
    /// In lower case; an IPv6 address without brackets.
    package let host: String

    /// From 1 to 65535.
    package let port: Int

    /// Hosts reached directly, in lower case: a name, which stands for its subdomains too, an address, or `*` for all.
    package let noProxy: [String]

    /// Reads `http://HOST:PORT`.
    package init(_ text: String, noProxy: [String] = []) throws(ProxySettingError) {
        guard text.lowercased().hasPrefix("http://") else { throw .notAProxyURL }
        var authority = text.dropFirst("http://".count)
        if authority.last == "/" { authority.removeLast() }
        guard !authority.contains("@") else { throw .userInformation }
        guard let colon = authority.lastIndex(of: ":"),
            let port = UInt16(authority[authority.index(after: colon)...]), port > 0
        else { throw .notAProxyURL }
        var host = authority[..<colon]
        if host.first == "[", host.last == "]" {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .notAProxyURL
        }
        guard !host.isEmpty, host.utf8.allSatisfy(ProxySetting.mayStandInHost) else { throw .notAProxyURL }
        self.host = host.lowercased()
        self.port = Int(port)
        self.noProxy = noProxy.map { entry in
            let name = entry.lowercased()
            return String(name.trimmingPrefix(name.hasPrefix("*.") ? "*." : "."))
        }
    }

    private static func mayStandInHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: ":"):
            true
        default:
            false
        }
    }

    /// Whether `endpoint` is reached through the proxy; never loopback, which for the proxy is another machine.
    package func applies(to endpoint: EndpointURL) -> Bool {
        guard !endpoint.isLoopback else { return false }
        return !noProxy.contains { $0 == "*" || endpoint.host == $0 || endpoint.host.hasSuffix("." + $0) }
    }
}

/// What is wrong with the text of a proxy.
package enum ProxySettingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Not of the form `http://HOST:PORT`.
    case notAProxyURL

    /// A user name or password in it, which would stand readable in the configuration.
    case userInformation

    /// What is wrong, and what would be right; it completes "the proxy …".
    package var description: String {
        switch self {
        case .notAProxyURL: "is not of the form http://HOST:PORT"
        case .userInformation: "holds a user name or password before an @, which is not supported"
        }
    }
}
