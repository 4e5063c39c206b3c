internal import Diagnosis
internal import OAuth2
internal import TokenLifecycle

/// What is known of a client before anything is asked.
struct ClientFacts: Sendable {
    /// The failure that stands; nil for a client that has none.
    var symptom: Symptom?

    /// When it happened, since 1970-01-01 UTC.
    var failedAt: Duration?

    /// What its configuration and its history tell.
    var observations: [Observation] = []

    /// - Parameter environment: The process's, where secrets may be.
    init(_ client: Client, environment: [String: String]) {
        let configuration = client.configuration
        do throws(TokenEndpointFailure) {
            try configuration.checkCredentials(environment: environment)
        } catch {
            // Whatever failed before: with this, nothing can be asked.
            symptom = Symptom(client, error)
            return
        }
        guard let last = ClientReport(client).leading.report.lastFailure else { return }
        symptom = Symptom(client, last.failure)
        failedAt = last.at.sinceEpoch
    }

    /// Whether the cause is on this machine and known, so that no server is asked.
    var isLocal: Bool {
        switch symptom?.failure.localFault {
        case .secretUnreadable, .privateKeyUnusable, .caFileUnusable, .clientCertificateUnusable,
            .refreshTokenUnreadable, .storeNotWritable:
            true
        case .metadataNotFound, .metadataUnavailable, .metadataUnusable, .issuerMismatch, .serverPaused,
            .tokenExpiredOnArrival, .noRefreshToken, .neverLoggedIn, .loginNotRefreshable, .loggedOut,
            .grantRestored, .grantLost, .grantReplaced, nil:
            false
        }
    }
}

extension Symptom {
    /// A failure of the client's, which presents its refresh token where a person gave it one.
    fileprivate init(_ client: Client, _ failure: TokenEndpointFailure) {
        let configuration = client.configuration
        self.init(
            provider: configuration.provider,
            grant: configuration.grant.isKept ? .refreshToken : configuration.grant,
            failure: failure
        )
    }
}
