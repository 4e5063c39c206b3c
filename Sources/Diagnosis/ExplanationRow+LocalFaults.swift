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
            .privateKeyUnusable,
            "The client cannot sign its assertions: {words}.",
            "Put a private key without a passphrase, in PEM or as a JWK, where private_key in {section} says it is, and "
                + "let the daemon's user read it."
        ),
        ExplanationRow(
            .caFileUnusable,
            "The client's certification authorities cannot be had: {words}.",
            "Put a PEM file with the authority's certificate where ca_file in {section} says it is."
        ),
        ExplanationRow(
            .clientCertificateUnusable,
            "The client's certificate cannot be used: {words}.",
            "Put a PEM chain, the client's own certificate first, where certificate in {section} says, and the key that "
                + "belongs to it, not encrypted, where private_key says."
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
        ExplanationRow(
            .noRefreshToken,
            "The client has no refresh token, and none was ever taken over.",
            "Put a first refresh token where refresh_token in {section} says, or name a place for one there."
        ),
        ExplanationRow(
            .neverLoggedIn,
            "Nobody has logged in for this client.",
            "Log in: `tokenctl login {client}`."
        ),
        ExplanationRow(
            .loginNotRefreshable,
            "The latest login brought no refresh token, so that its access token could not be followed by another.",
            "Log in again: `tokenctl login {client}`, having asked for a refresh token, often by the scope "
                + "offline_access."
        ),
        ExplanationRow(
            .refreshTokenUnreadable,
            "The client's first refresh token cannot be had: {words}.",
            "Put a first refresh token where refresh_token in {section} says it is, and let the daemon's user read it."
        ),
        ExplanationRow(
            .loggedOut,
            "An operator logged the client out, and nothing new has come since.",
            newRefreshToken
        ),
        ExplanationRow(
            .grantRestored,
            "The grant comes from a backup: its refresh token may have been spent since, and one that is presented "
                + "twice can end the grant for whoever holds the newest.",
            "Put a new refresh token where refresh_token in {section} says, or run `tokenctl refresh {client} "
                + "--trust-restored` if nothing else used the grant since the backup."
        ),
        ExplanationRow(
            .grantLost,
            "The grant was lost with a damaged database: the first refresh token was taken over before, and may be "
                + "spent.",
            "Put a new refresh token where refresh_token in {section} says, or run `tokenctl refresh {client} "
                + "--retake-first-token`, but only if the first refresh token was never rotated."
        ),
        ExplanationRow(
            .grantReplaced,
            "Another grant took the place of the one that was presented, while a token was being asked for.",
            "Wait for the next attempt, which presents the grant that is held now."
        ),
        ExplanationRow(
            .storeNotWritable,
            "The store takes no write, so that what the authorization server gives for the refresh token could be "
                + "lost: {words}.",
            "Free space where state_directory is, or mend its disk or its mode; the daemon asks again by itself."
        ),
    ]
}
