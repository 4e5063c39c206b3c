import OAuth2
import Testing

@Suite("An answer of a provider") struct ProviderAnswerTests {
    private func failure(
        _ provider: Provider,
        _ status: Int,
        _ body: String,
        grant: Grant = .clientCredentials,
        headers: [(name: String, value: String)] = []
    ) -> TokenEndpointFailure? {
        let answer = answer(status, body, headers: headers)
        guard case .failure(let failure) = TokenAnswer.read(answer, grant: grant, provider: provider) else {
            return nil
        }
        return failure
    }

    private static func entra(_ number: Int, _ error: String = "invalid_grant") -> String {
        #"{"error":"\#(error)","error_description":"AADSTS\#(number): no.","error_codes":[\#(number)],"trace_id":"t"}"#
    }

    @Test(
        "means for a person's grant what its own code says",
        arguments: [
            (.entra, 400, entra(7_000_215, "invalid_client"), .configuration, "7000215"),
            (.entra, 400, entra(70011), .configuration, "70011"),
            (.entra, 400, entra(50076), .loginRequired, "50076"),
            (.entra, 400, entra(700_082), .loginRequired, "700082"),
            (.entra, 400, entra(90055), .transient, "90055"), (.entra, 400, entra(90033), .transient, "90033"),
            (.entra, 400, entra(50196), .halted, "50196"), (.entra, 429, entra(50196), .halted, "50196"),
            (.entra, 400, entra(65001), .loginRequired, "65001"),
            (
                .google, 400, #"{"error":"invalid_grant","error_subtype":"invalid_rapt"}"#, .loginRequired,
                "invalid_rapt"
            ),
            (.google, 400, #"{"error":"internal_failure"}"#, .transient, "internal_failure"),
            (.google, 403, #"{"error":"rate_limit_exceeded"}"#, .transient, "rate_limit_exceeded"),
            (.github, 200, #"{"error":"bad_refresh_token"}"#, .loginRequired, "bad_refresh_token"),
            (.github, 200, "error=incorrect_client_credentials", .configuration, "incorrect_client_credentials"),
            (.slack, 200, #"{"ok":false,"error":"invalid_refresh_token"}"#, .loginRequired, "invalid_refresh_token"),
            (.slack, 200, #"{"ok":false,"error":"bad_client_secret"}"#, .configuration, "bad_client_secret"),
            (.slack, 200, #"{"ok":false,"error":"ratelimited"}"#, .transient, "ratelimited"),
            (.salesforce, 400, #"{"error":"unknown_error"}"#, .transient, "unknown_error"),
            (.okta, 429, #"{"errorCode":"E0000047","errorSummary":"too many"}"#, .transient, "E0000047"),
            (.auth0, 403, #"{"error":"mfa_required"}"#, .loginRequired, "mfa_required"),
        ] as [(Provider, Int, String, FailureClass, String)]
    )
    func codes(provider: Provider, status: Int, body: String, failureClass: FailureClass, code: String) throws {
        let failed = try #require(failure(provider, status, body, grant: .refreshToken))
        #expect(failed.failureClass == failureClass)
        #expect(failed.providerCode == code)
    }

    @Test("asks nobody to log in for the client's own authority")
    func nobodyLogsIn() {
        #expect(failure(.entra, 400, Self.entra(50076))?.failureClass == .configuration)
        #expect(failure(.entra, 400, Self.entra(50196))?.failureClass == .halted)
        #expect(failure(.slack, 200, #"{"ok":false,"error":"token_revoked"}"#)?.failureClass == .configuration)
    }

    @Test("means nothing of the kind where the provider is another")
    func otherProvider() {
        let body = #"{"error":"unknown_error"}"#
        #expect(failure(.generic, 400, body)?.failureClass == .configuration)
        #expect(failure(.generic, 400, body)?.providerCode == nil)
        #expect(failure(.generic, 400, Self.entra(50196))?.failureClass == .configuration)
    }

    @Test("never ends a grant by a code that nobody knows", arguments: Provider.allCases)
    func unknownCode(provider: Provider) {
        for status in [200, 400, 401, 403, 409, 422] {
            let failed = failure(provider, status, #"{"error":"never_heard_of_it"}"#, grant: .refreshToken)
            #expect(failed?.failureClass == .configuration)
        }
    }

    @Test(
        "names the request for the provider's support",
        arguments: [
            (.cognito, "x-amz-cognito-request-id"), (.entra, "X-Ms-Request-Id"), (.okta, "x-okta-request-id"),
            (.auth0, "x-auth0-requestid"), (.github, "x-github-request-id"), (.slack, "x-slack-req-id"),
            (.salesforce, "x-sfdc-request-id"), (.generic, "x-request-id"), (.keycloak, "X-Correlation-Id"),
        ] as [(Provider, String)]
    )
    func requestID(provider: Provider, header: String) {
        let body = #"{"error":"invalid_client"}"#
        #expect(failure(provider, 400, body, headers: [(header, "6f7a-1")])?.requestID == "6f7a-1")
        #expect(failure(provider, 400, body)?.requestID == nil)
        let long = String(repeating: "a b", count: 100) + "\n\u{1B}[31m"
        let bounded = failure(provider, 400, body, headers: [(header, long)])?.requestID
        #expect(bounded?.utf8.count ?? .max <= 128 && bounded?.contains("\u{1B}") == false)
        let uuid = "6f7a1b2c-0d3e-4f5a-8b9c-0123456789ab"
        #expect(failure(provider, 400, body, headers: [(header, uuid)])?.requestID == uuid)
        // What is in the place of a name and may be a token.
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLW9mLXRoaXM"
        for token in [jwt, "2YotnFZFEjr1zCsicMWpAA2YotnFZFEjr1zCsicMWpAA", "Bearer 2YotnFZFEjr1zCsicMWpAA"] {
            let shown = failure(provider, 400, body, headers: [(header, token)])?.requestID
            #expect(shown?.contains("[masked]") == true && shown?.contains("2Yot") == false, "\(shown ?? "")")
        }
        let repeating = #"{"error":"invalid_client","client_secret":"\#(uuid)"}"#
        #expect(failure(provider, 400, repeating, headers: [(header, uuid)])?.requestID == "[masked]")
    }

    @Test("keeps a request's name in a form of the provider's own, and in nobody else's field")
    func ownRequestID() {
        let body = #"{"error":"invalid_client"}"#
        for id in ["4fa1b2c3d4e5f60718293a4b5c6d7e8f", "ZOmRJ8kqVtVQ9sYxkAbcdQAABTQ"] {
            #expect(failure(.okta, 400, body, headers: [("x-okta-request-id", id)])?.requestID == id)
            #expect(failure(.okta, 400, body, headers: [("x-request-id", id)])?.requestID == "[masked]")
        }
    }

    @Test(
        "says by a header of its own how long to leave it alone, and Retry-After comes first",
        arguments: [
            (.okta, "x-rate-limit-reset", "1767225660", nil, .seconds(60)),
            (.auth0, "x-ratelimit-reset", "1767225660", nil, .seconds(60)),
            (.github, "x-ratelimit-reset", "1767225660", "7", .seconds(7)),
            (.github, "x-ratelimit-reset", "1767225600", nil, .zero),
            (.github, "x-ratelimit-reset", "99999999999999999999", nil, nil),
            (.github, "x-ratelimit-reset", "9999999999", nil, .seconds(3_600)),
            (.github, "x-ratelimit-reset", "90", nil, .seconds(90)),
            (.generic, "x-ratelimit-reset", "1767225660", nil, nil),
        ] as [(Provider, String, String, String?, Duration?)]
    )
    func rateLimit(provider: Provider, header: String, value: String, retryAfter: String?, wait: Duration?) {
        let headers = [(name: header, value: value)] + (retryAfter.map { [(name: "Retry-After", value: $0)] } ?? [])
        #expect(failure(provider, 429, "", headers: headers)?.retryAfter == wait)
        // Beside any other refusal it only counts requests.
        #expect(failure(provider, 400, #"{"error":"invalid_client"}"#, headers: [(header, value)])?.retryAfter == nil)
    }

    @Test("holds a user's token where Slack puts it, with what belongs to it")
    func nestedToken() throws {
        let body = #"{"ok":true,"authed_user":{"access_token":"xoxp-1","expires_in":43200,"refresh_token":"r"}}"#
        for provider in [Provider.slack, .generic] {
            let response = try TokenAnswer.read(answer(200, body), grant: .clientCredentials, provider: provider).get()
            #expect(response.accessToken.exposed() == "xoxp-1")
            #expect(response.expiresIn == .seconds(43_200))
            #expect(response.refreshToken?.exposed() == "r")
        }
    }

    @Test(
        "states its lifetime in whichever member it uses, the exact one first",
        arguments: [
            (#""expires_in":3600000,"expires_in_sec":3600"#, 3_600), (#""expires_on":"1767229200""#, 3_600),
            (#""expires_at":1767229200"#, 3_600), (#""expires_at":1767229200000"#, 3_600),
            (#""expires_in":0,"expires_at":1767229200"#, 3_600), (#""issued_at":"1767225600000""#, nil),
            (#""expires_at":"2026-01-01T01:00:00Z""#, nil), (#""expires_in":30,"expires_on":1767229200"#, 30),
        ] as [(String, Int?)]
    )
    func lifetimes(members: String, seconds: Int?) throws {
        let response = try granted(answer(200, #"{"access_token":"a",\#(members)}"#))
        #expect(response.expiresIn == seconds.map { .seconds($0) })
    }
}
