/// What an authorization server says about itself (RFC 8414 §2, OpenID Connect Discovery §3).
package struct AuthorizationServerMetadata: Sendable, Equatable {
    /// Identical to the one that was asked for (RFC 8414 §3.3).
    package var issuer: String
    package var tokenEndpoint: EndpointURL
    package var authorizationEndpoint: EndpointURL?
    package var deviceAuthorizationEndpoint: EndpointURL?
    package var revocationEndpoint: EndpointURL?
    package var introspectionEndpoint: EndpointURL?
    package var jwksURI: EndpointURL?

    /// Reads a metadata document, which must name exactly `issuer`.
    package static func read(body: [UInt8], issuer: String) throws(MetadataError) -> AuthorizationServerMetadata {
        throw .notMetadata
    }

    /// Where the metadata of `issuer` may be, in the order to try: RFC 8414 §3.1, then OpenID Connect Discovery §4.
    package static func wellKnownURLs(issuer: EndpointURL) -> [EndpointURL] {
        []
    }
}

/// Why a metadata document cannot be used.
package enum MetadataError: Error, Sendable, Hashable {
    /// Not a JSON object.
    case notMetadata

    /// A required member is missing or not a string.
    case missing(member: String)

    /// It speaks for another issuer (RFC 8414 §3.3).
    case issuerDiffers(asked: String, found: String)

    /// A member that must be the URL of an endpoint is none we may use.
    case invalidEndpoint(member: String, EndpointURLError)
}
