import OAuth2
import Testing

@Suite("The next refresh token in an answer that is worth nothing else") struct SuccessorTests {
    private func successor(_ status: Int, _ body: String, headers: [(name: String, value: String)] = []) -> Secret? {
        TokenAnswer.successor(
            in: HTTPAnswer(status: status, headers: headers, body: Array(body.utf8), now: .zero),
            provider: .generic
        )
    }

    @Test(
        "is found where a success has one",
        arguments: [
            #"{"refresh_token":"next"}"#, #"{"access_token":"a b","refresh_token":"next"}"#,
            #"{"access_token":7,"refreshToken":"next"}"#,
            #"{"access_token":"a","token_type":"no token","refresh_token":"next"}"#,
            #"{"authed_user":{"refresh_token":"next"}}"#,
        ]
    )
    func found(body: String) { #expect(successor(200, body) == Secret("next")) }

    @Test(
        "is not found in what is no success, or may be cut off",
        arguments: [
            (400, #"{"refresh_token":"next"}"#), (502, #"{"refresh_token":"next"}"#), (200, ""), (200, "{}"),
            (200, #"{"error":"invalid_grant","refresh_token":"next"}"#), (200, #"{"refresh_token":""}"#),
            (200, #"{"refresh_token":"ne"#), (200, "access_token=&refresh_token=ne"), (200, "<html></html>"),
        ]
    )
    func absent(status: Int, body: String) { #expect(successor(status, body) == nil) }
}

@Suite("Words of throttling") struct ThrottleWordTests {
    @Test(
        "count where the status says that nothing was done, and beside a code",
        arguments: [
            (200, "rate limit exceeded", FailureClass.unknown), (500, "rate limit exceeded", .unknown),
            (502, "<html><title>Rate limit</title></html>", .unknown), (504, "Too many requests", .unknown),
            (503, "rate limit exceeded", .transient), (400, "rate limit exceeded", .transient),
            (429, "", .transient), (500, #"{"error":"TooManyRequestsException"}"#, .transient),
        ]
    )
    func words(status: Int, body: String, failureClass: FailureClass) {
        let answer = HTTPAnswer(status: status, body: Array(body.utf8), now: .zero)
        guard case .failure(let failure) = TokenAnswer.read(answer, grant: .refreshToken) else {
            Issue.record("a success")
            return
        }
        #expect(failure.failureClass == failureClass)
    }
}
