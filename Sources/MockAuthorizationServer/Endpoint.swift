/// What of the server a request is for.
package enum Endpoint: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
    case token
    case introspection
    case revocation
    /// `/.well-known/oauth-authorization-server` (RFC 8414).
    case metadata
    /// `/.well-known/openid-configuration` (OpenID Connect Discovery).
    case openIDConfiguration = "openid_configuration"
    /// Any other path.
    case unknown
}
