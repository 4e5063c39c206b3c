/// What of the server a request is for.
package enum Endpoint: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
    case token
    /// Where a browser is sent to log in (RFC 6749 §3.1).
    case authorization
    /// Where a login on another device begins (RFC 8628 §3.1).
    case deviceAuthorization = "device_authorization"
    /// The page on which a person types a device's code.
    case verification
    case introspection
    case revocation
    /// The keys that sign ID tokens (RFC 7517).
    case jwks
    /// `/.well-known/oauth-authorization-server` (RFC 8414).
    case metadata
    /// `/.well-known/openid-configuration` (OpenID Connect Discovery).
    case openIDConfiguration = "openid_configuration"
    /// Any other path.
    case unknown
}
