import OAuth2

/// What a probe proved.
struct ProbeReading {
    var observations: [Observation] = []
    var record: ProbeRecord

    /// The failure that it met, where a client that seems healthy is looked over.
    var symptom: TokenEndpointFailure?

    /// - Parameters:
    ///   - control: What the same request came to as configured.
    ///   - now: When it was asked, since 1970-01-01 UTC.
    init(_ probe: Probe, _ outcome: ProbeOutcome, of subject: ProbeSubject, control: ProbeOutcome?, now: Duration) {
        record = ProbeRecord(name: probe.name, asked: "", learned: "", at: Int(now.components.seconds))
        switch outcome {
        case .answer(.failure(let failure), _):
            record.serverStatus = failure.serverStatus
            record.requestID = failure.requestID
            record.learned = failure.error
            if probe == .fakeRefreshToken { observations = [fakeAnswer(failure)] }
        default:
            break
        }
    }

    private func fakeAnswer(_ failure: TokenEndpointFailure) -> Observation {
        switch OAuthErrorCode(rawValue: failure.error) {
        case .invalidGrant: Observation(.fakeGrantRefused, "A refresh token that nobody issued is refused as that.")
        case .invalidClient: Observation(.fakeClientRefused, "The client is refused before its grant is looked at.")
        case .unauthorizedClient, .unsupportedGrantType:
            Observation(.fakeGrantNotAllowed, "The client is accepted, and its grant is not.")
        default: Observation(.fakeAnswerUnclear, "The answer to a refresh token that nobody issued says neither.")
        }
    }
}
