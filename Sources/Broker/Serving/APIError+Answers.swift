internal import Diagnosis
internal import LocalAPI
internal import LocalServer
internal import OAuth2
internal import TokenLifecycle

extension APIError {
    static func accessDenied(_ client: String) -> APIError {
        APIError(
            .accessDenied,
            "this process may not use the client, or there is no such client",
            client: client,
            remedy: "Ask the operator to allow it in the client's `allow` list."
        )
    }

    static func unknownClient(_ client: String) -> APIError {
        APIError(
            .unknownClient,
            "no client of this name is configured",
            client: client,
            remedy: "Look at `tokenctl status` for the names, or add the client and run `tokenctl reload`."
        )
    }

    static func invalidScope(_ client: ClientName) -> APIError {
        APIError(
            .invalidScope,
            "this caller may not ask for that scope, audience or resource",
            client: client.value,
            remedy: "Ask for what the client's configuration names, or have it added to the caller's `allow` entry."
        )
    }

    static func tooManySlots(_ client: ClientName) -> APIError {
        APIError(
            .tooManyRequests,
            "the client already keeps \(Client.maximumSlots) different tokens that are in use or still good",
            client: client.value,
            remedy: "Ask for fewer combinations of scope, audience and resource, or have a second client configured.",
            retryAfter: 60
        )
    }

    static func tooManyWaiting(_ client: ClientName) -> APIError {
        APIError(
            .tooManyRequests,
            "this user has \(WaitingRegister.maximumPerUser) fetches waiting",
            client: client.value,
            remedy: "Share one fetch among the threads of the process.",
            retryAfter: 1
        )
    }

    static func tooManyRejections(_ client: ClientName, retryAfter: Duration) -> APIError {
        APIError(
            .tooManyRequests,
            "this caller had \(RejectionBudget.maximum) tokens replaced within an hour",
            client: client.value,
            remedy: "Find out why the resource server refuses fresh tokens: another one will not help.",
            retryAfter: retryAfter.wholeSecondsUp
        )
    }

    /// - Parameter isQueued: whether the token request still waits for its turn under the server's budget.
    static func waitingTimeOver(_ client: ClientName, isQueued: Bool) -> APIError {
        APIError(
            .temporarilyUnavailable,
            isQueued
                ? "the token request had no turn within the waiting time, among others to the same authorization server"
                : "the authorization server did not answer within the waiting time",
            client: client.value,
            remedy: isQueued
                ? "Ask again, and raise requests_per_second or concurrent for this server if it bears more."
                : "Ask again, or with a longer timeout.",
            retryAfter: 1,
            cause: "waiting"
        )
    }

    static func stopping(_ client: ClientName) -> APIError {
        APIError(
            .temporarilyUnavailable,
            "the broker is stopping",
            client: client.value,
            remedy: "Ask again in a moment.",
            retryAfter: 1,
            cause: "stopping"
        )
    }

    /// What a caller hears when its slot of `client` has no token for it.
    init(_ failure: FetchFailure, of client: Client) {
        self.init(failure, client: client.name) { client.explain($0) }
    }

    /// What a caller hears when its slot has no token for it.
    init(_ failure: FetchFailure, client: ClientName, explain: (TokenEndpointFailure) -> Explanation) {
        switch failure {
        case .temporarilyUnavailable(let retryAfter, let failure):
            let explanation = failure.map(explain)
            self.init(
                .temporarilyUnavailable,
                explanation.map { "the authorization server is failing: \($0.summary)" }
                    ?? "the authorization server is failing",
                client: client.value,
                remedy: explanation?.remedy,
                retryAfter: retryAfter.wholeSecondsUp,
                cause: failure?.error,
                likelyCause: explanation?.likelyCause?.rawValue
            )
        case .clientMisconfigured(let failure, let retryAfter):
            let explanation = explain(failure)
            self.init(
                .clientMisconfigured,
                explanation.summary,
                client: client.value,
                remedy: explanation.remedy,
                retryAfter: retryAfter?.wholeSecondsUp,
                cause: failure.error,
                likelyCause: explanation.likelyCause?.rawValue
            )
        case .loginRequired(let failure):
            let explanation = explain(failure)
            self.init(
                .loginRequired,
                explanation.summary,
                client: client.value,
                remedy: explanation.remedy,
                cause: failure.error,
                likelyCause: explanation.likelyCause?.rawValue
            )
        case .minTTLUnmet(let longest):
            self.init(
                .minTTLUnmet,
                "the authorization server grants tokens of \(longest.components.seconds) s; none can have that much left",
                client: client.value,
                remedy: "Ask for less than nine tenths of that, or have the lifetime raised."
            )
        case .removed:
            self.init(
                .accessDenied,
                "the client was removed or changed while the fetch waited",
                client: client.value,
                remedy: "Ask again."
            )
        }
    }

    /// The answer to a fetch, in the dialect that was spoken.
    func response(for query: TokenQuery) -> HTTPResponse {
        response(asTokenEndpoint: query.asTokenEndpoint)
    }
}

extension APIErrorCode {
    var fetchResult: FetchResult {
        switch self {
        case .invalidRequest, .invalidScope, .unsupportedGrantType: .invalidRequest
        case .unknownClient, .accessDenied: .accessDenied
        case .serverError: .serverError
        case .temporarilyUnavailable: .temporarilyUnavailable
        case .tooManyRequests: .tooManyRequests
        case .clientMisconfigured: .clientMisconfigured
        case .loginRequired: .loginRequired
        case .minTTLUnmet: .minTTLUnmet
        }
    }
}

extension Duration {
    /// For Retry-After: whole seconds, rounded up, at least one.
    var wholeSecondsUp: Int {
        max(1, Int(components.seconds) + (components.attoseconds > 0 ? 1 : 0))
    }
}
