internal import Diagnosis
internal import OAuth2
internal import TokenLifecycle

/// What stands in a client's way before anything is asked.
struct ClientFacts: Sendable {
    /// The failure that stands; nil for a client that has none.
    var symptom: Symptom?

    /// When it happened, since 1970-01-01 UTC; nil when that is now.
    let failedAt: Duration?

    /// - Parameter environment: The process's, where secrets may be.
    init(_ client: Client, environment: [String: String]) {
        let configuration = client.configuration
        do throws(TokenEndpointFailure) {
            try configuration.checkCredentials(environment: environment)
        } catch {
            // Whatever failed before: with this, nothing can be asked.
            symptom = Symptom(provider: configuration.spokenProvider, grant: configuration.grant, failure: error)
            failedAt = nil
            return
        }
        let found = client.symptom()
        // The file that could not be read can be by now, and the client's next attempt will find that too.
        symptom = found?.failure.localFault.map(Self.isOfCredentials) ?? false ? nil : found
        let login = client.failedLogin
        let isLogins = login != nil && login?.failure == symptom?.failure
        failedAt = isLogins ? login?.at.sinceEpoch : ClientReport(client).leading.report.lastFailure?.at.sinceEpoch
    }

    /// Whether it is what `checkCredentials` looks at.
    private static func isOfCredentials(_ fault: LocalFault) -> Bool {
        fault == .secretUnreadable || fault == .privateKeyUnusable || fault == .clientCertificateUnusable
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
