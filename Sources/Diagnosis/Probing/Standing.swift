import OAuth2

/// How far a request got at the token endpoint before it was refused (RFC 6749 §5.2).
enum Standing: Sendable, Hashable {
    /// The client itself is not accepted.
    case clientRefused

    /// The client is, and its grant type is not for it.
    case grantNotAllowed

    /// Client and grant type are, and what was presented is not.
    case grantRefused

    /// The client is; what is wrong comes after it.
    case clientAccepted

    /// The server does not say.
    case unclear

    /// No answer of a token endpoint that is at work: nothing, a web page, a failure, a limit.
    case noAnswer

    init(_ failure: TokenEndpointFailure, at provider: Provider) {
        guard failure.transport == nil, let status = failure.serverStatus, !Standing.isElsewhere(failure) else {
            self = .noAnswer
            return
        }
        let code = Signature.spelled(failure.error)
        let words = failure.serverWords?.lowercased() ?? ""
        self =
            switch code {
            case _ where Standing.refusedByNumber.contains(failure.providerCode ?? ""): .clientRefused
            case _ where Standing.refusedClients.contains(code): .clientRefused
            case _ where Standing.refusedGrants.contains(code): .grantRefused
            case "unauthorized_client": Standing(unauthorized: words, status, provider)
            case _ where code.contains("scope") || code == "invalid_target" || code == "invalid_resource":
                .clientAccepted
            case _ where code.contains("grant_type") || code.contains("authorization_type"): .grantNotAllowed
            // Failed client authentication (RFC 6749 §5.2); some servers have no word for it.
            case _ where status == 401: .clientRefused
            case AnswerFault.empty.rawValue where status == 403, AnswerFault.unnamedError.rawValue where status == 403:
                .clientRefused
            default: .unclear
            }
    }

    /// Keycloak says so of clients that it does not accept as well, of old even of their secrets.
    private init(unauthorized words: String, _ status: Int, _ provider: Provider) {
        let isOfGrant = ["not enabled to", "not allowed", "may not use"].contains(where: words.contains)
        let isOfClient = ["secret", "credential", "disabled"].contains(where: words.contains)
        if isOfClient, !isOfGrant {
            self = .clientRefused
        } else if status == 401, !isOfGrant {
            self = provider == .keycloak ? .clientRefused : .unclear
        } else {
            self = .grantNotAllowed
        }
    }

    private static func isElsewhere(_ failure: TokenEndpointFailure) -> Bool {
        switch failure.failureClass {
        case .transient, .endpointMisconfigured, .protocol: true
        case .unknown: failure.serverStatus.map { $0 >= 500 } ?? true
        // A mute 401 or 403 says something of the client; a block says nothing.
        case .halted: ![401, 403].contains(failure.serverStatus)
        default: failure.error == AnswerFault.page.rawValue || failure.localFault != nil
        }
    }

    private static let refusedClients: Set = [
        "invalid_client", "incorrect_client_credentials", "bad_client_secret", "invalid_client_id", "disabled_client",
        "deleted_client", "application_suspended",
    ]

    private static let refusedGrants: Set = [
        "invalid_grant", "bad_refresh_token", "bad_verification_code", "invalid_refresh_token", "invalid_auth",
        "invalid_code", "token_expired", "token_revoked", "code_already_used", "expired_token",
    ]

    /// Entra ID's numbers for what it holds against the client itself.
    private static let refusedByNumber: Set = [
        "7000215", "7000222", "7000218", "700025", "700016", "7000112", "700027",
    ]

    /// Whether the server got past the client.
    var isPastClient: Bool {
        switch self {
        case .grantNotAllowed, .grantRefused, .clientAccepted: true
        case .clientRefused, .unclear, .noAnswer: false
        }
    }
}

/// An answer as far as it is the same for the same reason: without what differs each time, such as a trace id.
struct AnswerLook: Sendable, Hashable {
    private let status: Int?
    private let code: String
    private let providerCode: String?
    private let words: [Substring]

    init(_ failure: TokenEndpointFailure, withWords: Bool = true) {
        status = failure.serverStatus
        code = Signature.spelled(failure.error)
        providerCode = failure.providerCode
        words = (withWords ? failure.serverWords ?? "" : "").lowercased().split {
            $0 == " " || $0 == "," || $0 == "'" || $0 == "\""
        }
        .filter { word in word.allSatisfy { !$0.isNumber } && word.count < AnswerLook.longWord }
    }

    /// What is as long is an identifier.
    private static let longWord = 24
}
