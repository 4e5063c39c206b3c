import Foundation

extension RegisteredClient {
    /// Whether a browser may be sent there: a URI that is registered, on loopback with any port (RFC 8252 §7.3).
    func mayRedirect(to uri: String) -> Bool {
        let asked = LoopbackURI(uri)
        guard let redirectURIs else { return asked != nil }
        return redirectURIs.contains { registered in
            registered == uri || asked.map { $0 == LoopbackURI(registered) } ?? false
        }
    }
}

/// A redirect URI on loopback, its port left out.
private struct LoopbackURI: Equatable {
    private static let hosts: Set = ["127.0.0.1", "::1", "[::1]", "localhost"]

    let host: String
    let path: String
    let query: String?

    /// Nil for a URI that leads elsewhere.
    init?(_ text: String) {
        guard let url = URLComponents(string: text), url.scheme == "http", url.fragment == nil, url.user == nil,
            let host = url.host, LoopbackURI.hosts.contains(host)
        else { return nil }
        self.host = host
        path = url.percentEncodedPath
        query = url.percentEncodedQuery
    }
}
