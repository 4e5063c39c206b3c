internal import LocalAPI
internal import OAuth2

/// What came of a token request that had its place in the server's budget.
enum TokenRequestOutcome: Sendable {
    /// It was overtaken, or could not be made; the server was not asked.
    case notSent
    /// The issuer names a token endpoint of another server, whose budget it is to wait for.
    case belongsElsewhere
    case token
    case failed(TokenEndpointFailure)

    var failure: TokenEndpointFailure? {
        if case .failed(let failure) = self { failure } else { nil }
    }

    /// Whether the server, or the way to it, is failing; a refusal shows that both work. Nil when that is not known.
    var isServerFailing: Bool? {
        switch self {
        case .notSent, .belongsElsewhere: nil
        case .token: false
        case .failed(let failure) where failure.serverStatus == nil && failure.localFault != nil: nil
        case .failed(let failure): failure.transport != nil || failure.errorCode == .temporarilyUnavailable
        }
    }
}
