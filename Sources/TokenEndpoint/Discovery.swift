import OAuth2

/// The search for an authorization server's metadata.
extension TokenEndpointClient {
    /// Asks every place where the metadata of `issuer` may be, until one has it.
    func discover(
        _ issuer: EndpointURL,
        trust: ServerTrust,
        timeout: Duration
    ) async throws(TokenEndpointFailure) -> AuthorizationServerMetadata {
        var reason: TokenEndpointFailure?
        for url in AuthorizationServerMetadata.wellKnownURLs(issuer: issuer) {
            let answer = try await get(url, trust: trust, timeout: timeout)
            do throws(TokenEndpointFailure) {
                return try read(answer, issuer: issuer)
            } catch {
                // A place that has a document says more than one that has none.
                if reason == nil || reason?.localFault == .metadataNotFound { reason = error }
            }
        }
        throw reason ?? TokenEndpointFailure(.endpointMisconfigured, .metadataNotFound)
    }

    private func read(
        _ answer: HTTPAnswer,
        issuer: EndpointURL
    ) throws(TokenEndpointFailure) -> AuthorizationServerMetadata {
        switch answer.status {
        case 200:
            do throws(MetadataError) {
                return try AuthorizationServerMetadata.read(body: answer.body, issuer: issuer.text)
            } catch {
                let isMismatch = if case .issuerDiffers = error { true } else { false }
                throw TokenEndpointFailure(
                    .configuration,
                    isMismatch ? .issuerMismatch : .metadataUnusable,
                    words: "the metadata \(error)",
                    serverStatus: answer.status
                )
            }
        case 408, 429, 500...:
            throw TokenEndpointFailure(
                .transient,
                .metadataUnavailable,
                serverStatus: answer.status,
                retryAfter: answer.retryAfter
            )
        default:
            throw TokenEndpointFailure(
                .endpointMisconfigured,
                .metadataNotFound,
                serverStatus: answer.status
            )
        }
    }
}
