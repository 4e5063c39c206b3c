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
                if reason == nil || reason?.error == "metadata_not_found" { reason = error }
            }
        }
        throw reason ?? TokenEndpointFailure(.endpointMisconfigured, error: "metadata_not_found")
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
                    error: isMismatch ? "issuer_mismatch" : "metadata_unusable",
                    serverWords: "the metadata \(error)",
                    serverStatus: answer.status
                )
            }
        case 408, 429, 500...:
            throw TokenEndpointFailure(
                .transient,
                error: "metadata_unavailable",
                serverStatus: answer.status,
                retryAfter: answer.retryAfter
            )
        default:
            throw TokenEndpointFailure(
                .endpointMisconfigured,
                error: "metadata_not_found",
                serverStatus: answer.status
            )
        }
    }
}
