internal import Diagnosis
internal import LocalAPI
internal import OAuth2

/// Why a login brought nothing.
enum LoginFailure: Error, Sendable, Hashable {
    /// The server could not be asked where the person logs in, or refuses the client.
    case refused(TokenEndpointFailure)

    /// Neither the configuration nor the server's metadata name the endpoint.
    case noEndpoint(EndpointKind)

    /// The person, or the server, declined.
    case declined(error: String, words: String?)

    /// The code or its time is over.
    case timeOver

    /// The code was presented, and what came of it is not known or nothing.
    case codeSpent(TokenEndpointFailure)

    /// Somebody else logged in than before, or somebody whom the server does not name.
    case anotherAccount(found: String?, held: String)

    /// Another account's login brought nothing that could take the place of what is held.
    case notRefreshable

    /// What was granted before is in memory alone, and another grant would be lost.
    case storeNotWritable

    /// A reload changed or removed the client.
    case clientChanged

    case stopping

    /// What the operator is told.
    func error(of client: ClientConfiguration) -> APIError {
        let name = client.name.value
        let again = "Log in again: `tokenctl login \(name)`."
        switch self {
        case .refused(let failure):
            let explanation = client.explain(failure, presented: client.grant)
            return APIError(
                failure.errorCode,
                explanation.summary,
                client: name,
                remedy: failure.errorCode == .loginRequired ? again : explanation.remedy,
                cause: failure.error,
                likelyCause: explanation.likelyCause?.rawValue
            )
        case .noEndpoint(let kind):
            return APIError(
                .clientMisconfigured,
                "the authorization server's metadata name no \(kind.rawValue)",
                client: name,
                remedy: "Write \(kind.rawValue) in the client's section, or another grant.",
                cause: LocalFault.metadataUnusable.rawValue
            )
        case .declined(let error, let words):
            return APIError(
                .accessDenied,
                "the login was declined: \(error)\(words.map { ", \($0)" } ?? "")",
                client: name,
                remedy: "Log in again and consent, or ask the authorization server's operator why it declines.",
                cause: error
            )
        case .timeOver:
            return APIError(
                .loginRequired,
                "the login was not finished in time",
                client: name,
                remedy: again,
                cause: OAuthErrorCode.expiredToken.rawValue
            )
        case .codeSpent(let failure):
            let explanation = client.explain(failure, presented: client.grant)
            let isConfigured = failure.errorCode == .clientMisconfigured
            return APIError(
                isConfigured ? .clientMisconfigured : .loginRequired,
                "the code of the login brought no grant, and is not presented again: \(explanation.summary)",
                client: name,
                remedy: isConfigured ? explanation.remedy : again,
                cause: failure.error,
                likelyCause: explanation.likelyCause?.rawValue
            )
        case .anotherAccount(let found, let held):
            return APIError(
                .accessDenied,
                "\(found ?? "an account that is not named") logged in, but the grant that is held is \(held)'s, and stays",
                client: name,
                remedy: "Log in as \(held), or replace the account: `tokenctl login --replace-account \(name)`.",
                cause: "account_differs"
            )
        case .notRefreshable:
            return APIError(
                .loginRequired,
                "another account's login brought no refresh token, so what is held stays",
                client: name,
                remedy: "Give the grant up first: `tokenctl logout \(name)`, then log in again.",
                cause: LocalFault.loginNotRefreshable.rawValue
            )
        case .storeNotWritable:
            return APIError(
                .temporarilyUnavailable,
                "the store takes no write, so that what a login brings could be lost",
                client: name,
                remedy: "Free space where state_directory is, or mend its disk, then log in again.",
                cause: LocalFault.storeNotWritable.rawValue
            )
        case .clientChanged:
            return APIError(
                .temporarilyUnavailable,
                "a reload changed or removed the client during the login",
                client: name,
                remedy: again,
                cause: "client_changed"
            )
        case .stopping:
            return .stopping(client.name)
        }
    }
}
