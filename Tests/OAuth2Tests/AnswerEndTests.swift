import Testing

import OAuth2

@Suite("The end of an answer") struct AnswerEndTests {
    private static let json = #"{"access_token":"2YotnFZF","refresh_token":"tGzv3JOk","scope":"read write"}"#
    private static let form = "token_type=bearer&scope=read&refresh_token=tGzv3JOk&access_token=2YotnFZF"

    private static func unsized(_ body: some Sequence<UInt8>, _ headers: [(name: String, value: String)]) -> HTTPAnswer
    {
        HTTPAnswer(status: 200, headers: headers, body: Array(body), now: now)
    }

    @Test(
        "must be proved by its length, its chunks or its JSON",
        arguments: [
            ([], false), ([("Transfer-Encoding", "identity")], false),
            ([("Transfer-Encoding", "chunked, gzip")], false),
            // The coding decides where both stand (RFC 9112 §6.3).
            ([("Content-Length", "73"), ("Transfer-Encoding", "gzip")], false),
            ([("Transfer-Encoding", "chunked"), ("transfer-encoding", "gzip")], false),
            ([("content-length", "73")], true), ([("Transfer-Encoding", "chunked")], true),
            ([("TRANSFER-ENCODING", "gzip,\tChunked ")], true),
        ] as [([(String, String)], Bool)]
    )
    func framing(headers: [(String, String)], isProved: Bool) throws {
        let headers = headers.map { (name: $0.0, value: $0.1) }
        let token = Secret("2YotnFZF")
        #expect(try granted(AnswerEndTests.unsized(AnswerEndTests.json.utf8, headers)).accessToken == token)
        let answer = AnswerEndTests.unsized(AnswerEndTests.form.utf8, headers)
        if isProved {
            #expect(try granted(answer).accessToken == token)
        } else {
            let failure = OAuth2Tests.failure(answer)
            #expect(failure?.error == "unreadable_answer")
            #expect(failure?.failureClass == .protocol)
            #expect(failure?.serverWords == nil)
        }
    }

    @Test("that only the connection's close marks still ends an error")
    func error() {
        let body = "error=server_error&error_description=Try+later"
        let failure = OAuth2Tests.failure(HTTPAnswer(status: 400, body: Array(body.utf8), now: now))
        #expect(failure?.error == "server_error")
        #expect(failure?.serverWords == "Try later")
    }

    @Test("that the connection's close brought too early gives no token", arguments: [json, form])
    func truncated(body: String) {
        for length in 0..<body.utf8.count {
            let failure = OAuth2Tests.failure(AnswerEndTests.unsized(body.utf8.prefix(length), []))
            #expect(failure != nil, "\(length) bytes were taken for a token response")
        }
    }
}
