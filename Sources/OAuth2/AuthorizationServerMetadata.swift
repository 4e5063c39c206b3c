/// What an authorization server says about itself (RFC 8414 §2, OpenID Connect Discovery §3).
package struct AuthorizationServerMetadata: Sendable, Hashable {
    /// Identical to the one that was asked for (RFC 8414 §3.3).
    package var issuer: String

    /// Where tokens are asked for (RFC 6749 §3.2).
    package var tokenEndpoint: EndpointURL

    /// Where a person logs in (RFC 6749 §3.1).
    package var authorizationEndpoint: EndpointURL?

    /// Where a login on another device begins (RFC 8628 §3.1).
    package var deviceAuthorizationEndpoint: EndpointURL?

    /// Where tokens are given up (RFC 7009).
    package var revocationEndpoint: EndpointURL?

    /// Where the server says what a token is worth (RFC 7662).
    package var introspectionEndpoint: EndpointURL?

    /// Where the server's public keys are (RFC 7517).
    package var jwksURI: EndpointURL?

    /// Where the endpoints are for clients with a certificate, as far as they are elsewhere (RFC 8705 §5).
    package var mtlsEndpointAliases: [EndpointKind: EndpointURL] = [:]

    /// Whether answers of the authorization endpoint name the issuer (RFC 9207 §3).
    package var isIssuerInAuthorizationResponse = false

    /// Reads a metadata document, which must name exactly `issuer`.
    package static func read(body: [UInt8], issuer: String) throws(MetadataError) -> AuthorizationServerMetadata {
        let bytes = body.starts(with: [0xEF, 0xBB, 0xBF]) ? body.dropFirst(3) : body[...]
        guard let members = JSONValue(bytes: bytes)?.object else { throw .notMetadata }
        guard let found = members["issuer"]?.string else { throw .missing(member: "issuer") }
        // Code point by code point (RFC 8414 §4): what Unicode holds to be equal is not identical.
        guard found.unicodeScalars.elementsEqual(issuer.unicodeScalars) else {
            throw .issuerDiffers(asked: issuer, found: ServerWords.printable(found) ?? "")
        }
        guard let tokenEndpoint = try endpoint("token_endpoint", in: members) else {
            throw .missing(member: "token_endpoint")
        }
        return AuthorizationServerMetadata(
            issuer: issuer,
            tokenEndpoint: tokenEndpoint,
            authorizationEndpoint: try endpoint("authorization_endpoint", in: members),
            deviceAuthorizationEndpoint: try endpoint("device_authorization_endpoint", in: members),
            revocationEndpoint: try endpoint("revocation_endpoint", in: members),
            introspectionEndpoint: try endpoint("introspection_endpoint", in: members),
            jwksURI: try endpoint("jwks_uri", in: members),
            mtlsEndpointAliases: aliases(in: members["mtls_endpoint_aliases"]?.object ?? [:]),
            isIssuerInAuthorizationResponse: members["authorization_response_iss_parameter_supported"] == .boolean(true)
        )
    }

    /// Where the metadata of `issuer` may be, in the order to try: RFC 8414 §3.1, then OpenID Connect Discovery §4.
    ///
    /// An issuer has no query (RFC 8414 §2); one that has is asked without it.
    package static func wellKnownURLs(issuer: EndpointURL) -> [EndpointURL] {
        let path = issuer.path.hasSuffix("/") ? String(issuer.path.dropLast()) : issuer.path
        return [
            EndpointURL(origin: issuer, path: "/.well-known/oauth-authorization-server" + path),
            EndpointURL(origin: issuer, path: path + "/.well-known/openid-configuration"),
        ]
    }

    /// An alias that cannot be used is nobody's but of those who have a certificate, and they hear of it by the endpoint.
    private static func aliases(in members: [String: JSONValue]) -> [EndpointKind: EndpointURL] {
        members.reduce(into: [:]) { aliases, member in
            guard let kind = EndpointKind(rawValue: member.key), let text = member.value.string else { return }
            aliases[kind] = try? EndpointURL(text)
        }
    }

    /// Where the endpoint `kind` is for a client, which may have a certificate; nil when there is none.
    package func endpoint(_ kind: EndpointKind, hasCertificate: Bool) -> EndpointURL? {
        if hasCertificate, let alias = mtlsEndpointAliases[kind] { return alias }
        return switch kind {
        case .token: tokenEndpoint
        case .authorization: authorizationEndpoint
        case .deviceAuthorization: deviceAuthorizationEndpoint
        case .revocation: revocationEndpoint
        case .introspection: introspectionEndpoint
        case .jwks: jwksURI
        case .issuer: nil
        }
    }

    /// The endpoint under `member`; null counts as absent.
    private static func endpoint(
        _ member: String,
        in members: [String: JSONValue]
    ) throws(MetadataError) -> EndpointURL? {
        guard let value = members[member], value != .null else { return nil }
        guard let text = value.string else { throw .notText(member: member) }
        do throws(EndpointURLError) {
            return try EndpointURL(text)
        } catch {
            throw .invalidEndpoint(member: member, error)
        }
    }
}

/// Why a metadata document cannot be used.
package enum MetadataError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Not a JSON object.
    case notMetadata

    /// A required member is missing.
    case missing(member: String)

    /// A member that must be text is something else.
    case notText(member: String)

    /// It speaks for another issuer (RFC 8414 §3.3).
    case issuerDiffers(asked: String, found: String)

    /// A member that must be the URL of an endpoint is none we may use.
    case invalidEndpoint(member: String, EndpointURLError)

    /// What is wrong; it completes "the authorization server's metadata …".
    package var description: String {
        switch self {
        case .notMetadata: "is no JSON object"
        case .missing(let member): "has no \(member)"
        case .notText(let member): "has a \(member) that is no text"
        case .issuerDiffers(let asked, let found):
            "names the issuer \(found), which is not identical to the issuer asked, \(asked)"
        case .invalidEndpoint(let member, let error): "has a \(member) that \(error)"
        }
    }
}
