/// An HTTP proxy that connections are tunnelled through (CONNECT, RFC 9110 §9.3.6), and what goes past it.
package struct ProxySetting: Sendable, Hashable {
    package let host: String
    package let port: Int

    /// Hosts reached directly: a name, which stands for its subdomains too, an address, or `*` for all.
    package let noProxy: [String]

    /// Reads `http://HOST:PORT`.
    package init(_ text: String, noProxy: [String] = []) throws(ProxySettingError) {
        throw .notAProxyURL
    }
}

/// What is wrong with the text of a proxy.
package enum ProxySettingError: Error, Sendable, Hashable {
    /// Not of the form `http://HOST:PORT`.
    case notAProxyURL

    /// A name and password in it, which would stand readable in the configuration.
    case userInformation
}
