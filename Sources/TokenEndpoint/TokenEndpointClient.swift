package import Logging
package import OAuth2

/// The wire to authorization servers: one request in, one answer or the reason why there is none out.
///
/// A request is never sent twice: what failed after it may have reached the server is reported as that, and the caller
/// decides.
package final class TokenEndpointClient: Sendable {
    /// - Parameter clock: Both clocks, for ages of cached metadata and for dates in answers.
    package init(logger: Logger, clock: @escaping @Sendable () -> Moment) {}

    /// Posts `request` to `endpoint` and reads the answer, all within `timeout`.
    package func send(
        _ request: EncodedTokenRequest, to endpoint: EndpointURL, grant: Grant, trust: ServerTrust, timeout: Duration
    ) async -> Result<TokenResponse, TokenEndpointFailure> {
        .failure(TokenEndpointFailure(transport: .resetBeforeSending, words: nil, grant: grant))
    }

    /// What `issuer` says about itself (RFC 8414, then OpenID Connect Discovery); cached.
    package func metadata(
        issuer: EndpointURL, trust: ServerTrust, timeout: Duration
    ) async throws(TokenEndpointFailure) -> AuthorizationServerMetadata {
        throw TokenEndpointFailure(transport: .resetBeforeSending, words: nil, grant: nil)
    }

    /// Ends every connection; the last call.
    package func shutdown() async {}
}
