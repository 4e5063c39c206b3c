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
    package let scheme: Scheme

    /// In lower case; an IPv6 address in its shortest form (RFC 5952) and without brackets.
    package let host: String
    package let port: Int

    /// As written: empty, or beginning with `/`.
    package let path: String

    /// As written and without the `?`; nil when there is none.
    package let query: String?

    /// Whether the host is this machine: 127.0.0.0/8, `::1` or `localhost`.
    package let isLoopback: Bool

    /// Reads `text`, and says what is wrong with it.
    package init(_ text: String) throws(EndpointURLError) {
        throw .empty
    }

    /// Scheme, host and port in one normal form, the default port left out.
    package var origin: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return port == scheme.defaultPort ? "\(scheme.rawValue)://\(host)" : "\(scheme.rawValue)://\(host):\(port)"
    }

    package var description: String { text }
}
