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
        case .authorization: issuerPath + "/oauth2/authorize"
        case .deviceAuthorization: issuerPath + "/oauth2/device_authorization"
        case .verification: issuerPath + "/device"
        case .jwks: issuerPath + "/oauth2/jwks"
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
            "authorization_endpoint": .string(url(.authorization)),
            "device_authorization_endpoint": .string(url(.deviceAuthorization)),
            "jwks_uri": .string(url(.jwks)),
            "introspection_endpoint": .string(url(.introspection)),
            "revocation_endpoint": .string(url(.revocation)),
            "grant_types_supported": .array(GrantType.all.map(JSONValue.string)),
            "response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "token_endpoint_auth_methods_supported": methods,
            "introspection_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
        ]
    }
}
