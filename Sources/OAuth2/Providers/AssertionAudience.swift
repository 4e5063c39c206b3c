/// To whom an authorization server wants assertions addressed (RFC 7523 §3, item 3).
package enum AssertionAudience: Sendable, Hashable {
    /// The token endpoint, whatever is asked.
    case tokenEndpoint

    /// The very endpoint that is asked.
    case askedEndpoint

    /// The token endpoint's origin and a slash, as an issuer that has no path is written.
    case origin

    /// One name for every customer's server.
    case fixed(String)

    /// The `aud` of an assertion for `endpoint`.
    package func text(for endpoint: EndpointURL, tokenEndpoint: EndpointURL) -> String {
        switch self {
        case .tokenEndpoint: tokenEndpoint.text
        case .askedEndpoint: endpoint.text
        case .origin: "\(tokenEndpoint.origin)/"
        case .fixed(let name): name
        }
    }
}
