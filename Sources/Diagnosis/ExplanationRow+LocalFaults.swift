import OAuth2

extension ExplanationRow {
    /// The causes on this side of the wire.
    static let localFaults: [ExplanationRow] = [
        ExplanationRow(
            .secretUnreadable,
            "The client's secret cannot be had: {words}.",
            "Put the secret where client_secret in {section} says it is, and let the daemon's user read it."
        ),
        ExplanationRow(
            .caFileUnusable,
            "The client's certification authorities cannot be had: {words}.",
            "Put a PEM file with the authority's certificate where ca_file in {section} says it is."
        ),
        ExplanationRow(
            .serverPaused,
            "The authorization server asked by Retry-After to be left alone, in its answer to another request.",
            "Wait until then, and lower requests_per_second for this server if it happens again."
        ),
        ExplanationRow(
            .metadataNotFound,
            "The authorization server publishes no metadata under its issuer.",
            "Check issuer in {section}, or name token_endpoint in its place."
        ),
        ExplanationRow(
            .metadataUnavailable,
            "The authorization server's metadata cannot be had now.",
            "Wait for the authorization server to recover, or name token_endpoint in {section} in place of issuer."
        ),
        ExplanationRow(
            .metadataUnusable,
            "The authorization server's metadata cannot be used: {words}.",
            "Check issuer in {section}, or name token_endpoint in its place."
        ),
        ExplanationRow(
            .issuerMismatch,
            "The metadata belongs to another issuer: {words}.",
            "Set issuer in {section} to the very text that the authorization server calls itself."
        ),
        ExplanationRow(
            .tokenExpiredOnArrival,
            "The authorization server gives tokens that are over when they come.",
            "Check the lifetime that the authorization server gives this client's tokens, and its cache."
        ),
    ]
}
