/// What stands in a client's way before its token endpoint was asked, or after it answered as it should.
package enum LocalFault: String, Sendable, Hashable, CaseIterable {
    /// The client's secret cannot be had from where the configuration says it is.
    case secretUnreadable = "secret_unreadable"

    /// The client's private key cannot be had from where the configuration says it is, or does not sign.
    case privateKeyUnusable = "private_key_unusable"

    /// The client's `ca_file` cannot be read, or holds no certificate.
    case caFileUnusable = "ca_file_unusable"

    /// The client's certificate and its key cannot be used, or not together.
    case clientCertificateUnusable = "client_certificate_unusable"

    /// There is no metadata under the issuer (RFC 8414 §3).
    case metadataNotFound = "metadata_not_found"

    /// The server with the metadata is failing.
    case metadataUnavailable = "metadata_unavailable"

    /// The metadata lacks what is needed, or is none.
    case metadataUnusable = "metadata_unusable"

    /// The metadata is another issuer's (RFC 8414 §3.3).
    case issuerMismatch = "issuer_mismatch"

    /// The server wants to be left alone, by what it answered to another request of ours.
    case serverPaused = "server_paused"

    /// What the server gave was over when it came.
    case tokenExpiredOnArrival = "token_expired_on_arrival"

    /// There is no refresh token, and none was ever taken over.
    case noRefreshToken = "no_refresh_token"

    /// Nobody ever logged in.
    case neverLoggedIn = "never_logged_in"

    /// The login brought no refresh token, and its access token is over.
    case loginNotRefreshable = "login_not_refreshable"

    /// The first refresh token cannot be had from where the configuration says it is.
    case refreshTokenUnreadable = "refresh_token_unreadable"

    /// The operator logged the client out.
    case loggedOut = "logged_out"

    /// The grant comes from a backup, and its refresh token may have been spent since.
    case grantRestored = "grant_restored"

    /// The grant was lost with a damaged database; its first refresh token was taken over before and may be spent.
    case grantLost = "grant_lost"

    /// Another login took the grant's place while a token was being asked for.
    case grantReplaced = "grant_replaced"

    /// The store takes no write, so that a refresh token that is presented only once could be lost.
    case storeNotWritable = "store_not_writable"
}

extension TokenEndpointFailure {
    /// A failure of our own naming; `words` say more, without a full stop.
    package init(
        _ failureClass: FailureClass,
        _ fault: LocalFault,
        words: String? = nil,
        serverStatus: Int? = nil,
        retryAfter: Duration? = nil
    ) {
        self.init(
            failureClass,
            error: fault.rawValue,
            serverWords: words,
            serverStatus: serverStatus,
            retryAfter: retryAfter
        )
    }

    /// What stood in the way on this side; nil when it was the server, or the way to it.
    package var localFault: LocalFault? { LocalFault(rawValue: error) }
}
