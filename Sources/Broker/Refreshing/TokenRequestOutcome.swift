internal import LocalAPI
internal import OAuth2

/// What came of a token request that had its place in the server's budget.
enum TokenRequestOutcome: Sendable {
    /// It was overtaken, could not be made, or waits for another server; this one was not asked.
    case notSent
    case token
    case failed(TokenEndpointFailure)

    var failure: TokenEndpointFailure? {
        if case .failed(let failure) = self { failure } else { nil }
    }

    /// Whether the server, or the way to it, is failing; a refusal shows that both work. Nil when that is not known.
    var isServerFailing: Bool? {
        switch self {
        case .notSent: nil
        case .token: false
        case .failed(let failure) where failure.serverStatus == nil && failure.localFault != nil: nil
        // Its handshake shows that it is at work, and says nothing of how it is with others.
        case .failed(let failure) where failure.transport == .clientCertificateRefused: nil
        case .failed(let failure): failure.transport != nil || failure.errorCode == .temporarilyUnavailable
        }
    }
}
