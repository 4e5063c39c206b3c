/// Where the endpoints are, as URLs and as paths.
struct EndpointPaths: Sendable {
    /// `http://HOST:PORT`.
    let origin: String

    /// Empty, or beginning with `/`.
    let issuerPath: String

    var issuer: String { origin + issuerPath }

    /// The URL of `endpoint`; RFC 8414 puts its suffix before the issuer's path, OpenID behind it.
    func url(_ endpoint: Endpoint) -> String { origin + (path(endpoint) ?? "") }

    func endpoint(of path: String) -> Endpoint {
        Endpoint.allCases.first { self.path($0) == path } ?? .unknown
    }

    private func path(_ endpoint: Endpoint) -> String? {
        switch endpoint {
        case .token: issuerPath + "/oauth2/token"
        case .introspection: issuerPath + "/oauth2/introspect"
        case .revocation: issuerPath + "/oauth2/revoke"
        case .metadata: "/.well-known/oauth-authorization-server" + issuerPath
        case .openIDConfiguration: issuerPath + "/.well-known/openid-configuration"
        case .unknown: nil
        }
    }

    /// The metadata document (RFC 8414 §2).
    var metadata: JSONValue {
        let methods: JSONValue = ["client_secret_basic", "client_secret_post", "none"]
        return [
            "issuer": .string(issuer), "token_endpoint": .string(url(.token)),
            "introspection_endpoint": .string(url(.introspection)),
            "revocation_endpoint": .string(url(.revocation)),
            "grant_types_supported": ["client_credentials", "refresh_token"], "response_types_supported": [],
            "token_endpoint_auth_methods_supported": methods,
            "introspection_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
        ]
    }
}
