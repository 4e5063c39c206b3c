/// What stands in a client's way before its token endpoint was asked, or after it answered as it should.
package enum LocalFault: String, Sendable, Hashable, CaseIterable {
    /// The client's secret cannot be had from where the configuration says it is.
    case secretUnreadable = "secret_unreadable"

    /// The client's `ca_file` cannot be read, or holds no certificate.
    case caFileUnusable = "ca_file_unusable"

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
