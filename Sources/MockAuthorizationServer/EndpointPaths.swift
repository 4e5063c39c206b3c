/// Where the endpoints are, as URLs and as paths.
struct EndpointPaths: Sendable {
    /// `http://HOST:PORT`.
    let origin: String

    /// The same for clients that have a certificate; nil when there is no listener of their own.
    let mutualTLSOrigin: String?

    /// Empty, or beginning with `/`.
    let issuerPath: String

    /// Where a provider has what is elsewhere here; it is found at both.
    var provided: [Endpoint: String] = [:]

    /// The path of the issuer where a provider has another.
    var providedIssuerPath: String?

    /// What the metadata says of the token endpoint, when that is not the truth.
    var metadataTokenEndpoint: String?

    var issuer: String { origin + (providedIssuerPath ?? issuerPath) }

    /// The URL of `endpoint`; RFC 8414 puts its suffix before the issuer's path, OpenID behind it.
    func url(_ endpoint: Endpoint) -> String { origin + (provided[endpoint] ?? path(endpoint) ?? "") }

    /// The URL of `endpoint` for clients that have a certificate.
    func mutualTLSURL(_ endpoint: Endpoint) -> String? {
        mutualTLSOrigin.map { $0 + (provided[endpoint] ?? path(endpoint) ?? "") }
    }

    func endpoint(of path: String) -> Endpoint {
        provided.first { $0.value == path }?.key ?? Endpoint.allCases.first { self.path($0) == path } ?? .unknown
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
        let methods: JSONValue = [
            "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "tls_client_auth",
            "self_signed_tls_client_auth", "none",
        ]
        let algorithms = JSONValue.array(AssertionAlgorithm.allCases.map { .string($0.rawValue) })
        var members: [String: JSONValue] = [
            "issuer": .string(issuer), "token_endpoint": .string(metadataTokenEndpoint ?? url(.token)),
            "authorization_endpoint": .string(url(.authorization)),
            "device_authorization_endpoint": .string(url(.deviceAuthorization)),
            "jwks_uri": .string(url(.jwks)),
            "introspection_endpoint": .string(url(.introspection)),
            "revocation_endpoint": .string(url(.revocation)),
            "grant_types_supported": .array(GrantType.all.map(JSONValue.string)),
            // Any is served; a client as oidc-agent wants to read some.
            "scopes_supported": ["openid", "offline_access"],
            "response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "token_endpoint_auth_methods_supported": methods,
            "introspection_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
            "token_endpoint_auth_signing_alg_values_supported": algorithms,
        ]
        let aliases: [(String, Endpoint)] = [
            ("token_endpoint", .token), ("device_authorization_endpoint", .deviceAuthorization),
            ("introspection_endpoint", .introspection), ("revocation_endpoint", .revocation),
        ]
        if mutualTLSOrigin != nil {
            members["mtls_endpoint_aliases"] = .object(
                Dictionary(uniqueKeysWithValues: aliases.map { ($0, .string(mutualTLSURL($1) ?? "")) })
            )
        }
        return .object(members)
    }
}
