import Testing

import OAuth2

/// What servers answer that no standard allows; the other tables of this target have what is not here.
@Suite("A server that breaks the standard") struct NonconformityTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var status = 200
        var type: String? = "application/json"
        var body: String
        var testDescription: String { "\(status) \(type ?? "-") \(body)" }

        var answer: HTTPAnswer { OAuth2Tests.answer(status, body, type: type) }
    }

    private static let form = "application/x-www-form-urlencoded; charset=utf-8"

    private static func token(
        _ expiresIn: Int? = nil,
        type: String = "Bearer",
        scope: [String]? = nil,
        refreshToken: String? = nil
    ) -> TokenResponse {
        TokenResponse(
            accessToken: Secret("tok"),
            tokenType: type,
            expiresIn: expiresIn.map { .seconds($0) },
            scope: scope.map { ScopeSet($0) },
            refreshToken: refreshToken.map { Secret($0) }
        )
    }

    private static let grants: [(Row, TokenResponse)] = [
        // Forms in place of JSON.
        (
            Row(
                type: form,
                body: "access_token=tok&token_type=bearer&expires_in=3600&refresh_token=r%2B+s&scope=b%20a"
            ), token(3_600, scope: ["a", "b"], refreshToken: "r+ s")
        ),
        (Row(type: "text/plain;charset=UTF-8", body: "access_token=tok&expires=5183999"), token(5_183_999)),
        (Row(type: "text/html", body: "expires=1767229200&access_token=tok"), token(3_600)),
        (
            Row(type: nil, body: "access_token=tok&scope=repo%2Cgist&token_type=mac"),
            token(type: "mac", scope: ["gist", "repo"])
        ),
        (Row(type: form, body: "accessToken=tok&expiresIn=60.0&refreshToken=&scope="), token(60, scope: [])),
        (Row(type: form, body: "&&access_token=tok&expires_in=&expires=&error=&"), token()),
        (Row(type: form, body: "access_token=tok&expires_in=null&token_type&access_token=other"), token()),
        // Lifetimes.
        (Row(body: #"{"access_token":"tok","expires_in":"+3600"}"#), token(3_600)),
        (Row(body: #"{"access_token":"tok","expires_in":"3600s"}"#), token()),
        (Row(body: #"{"access_token":"tok","expires_in":" "}"#), token()),
        (Row(body: #"{"access_token":"tok","expires_in":"1e1"}"#), token(10)),
        (Row(body: #"{"access_token":"tok","expires_in":"٣٦٠٠"}"#), token()),
        (Row(body: #"{"access_token":"tok","expires_in":null,"expiresIn":60}"#), token(60)),
        (Row(body: #"{"access_token":"tok","expires_in":-1e300,"expires":-1}"#), token()),
        (Row(body: #"{"access_token":"tok","expires":0}"#), token()),
        (Row(body: #"{"access_token":"tok","expires":null}"#), token()),
        (Row(body: #"{"access_token":"tok","expires":1767229200.5}"#), token(3_600)),
        (Row(body: #"{"access_token":"tok","expires":"99999999999999999999"}"#), token(TokenResponse.maximumSeconds)),
        // Types.
        (Row(body: #"{"access_token":"tok"}"#), token()),
        (Row(body: #"{"access_token":"tok","tokenType":"bEaReR"}"#), token()),
        (Row(body: #"{"access_token":"tok","token_type":" Bearer "}"#), token()),
        (Row(body: #"{"access_token":"tok","token_type":["Bearer"]}"#), token()),
        (Row(body: #"{"access_token":"tok","token_type":{"bearer":true}}"#), token()),
        (Row(body: #"{"access_token":"tok","token_type":" "}"#), token()),
        // Refresh tokens: absent or null, the old one is kept.
        (Row(body: #"{"accessToken":"tok","refreshToken":null,"expiresIn":1}"#), token(1)),
        (Row(body: #"{"access_token":"tok","refresh_token":null,"refreshToken":"r"}"#), token(refreshToken: "r")),
        (Row(body: #"{"access_token":"tok","refresh_token":false}"#), token()),
        // Media types.
        (Row(type: "application/vnd.example.v2+json", body: #"{"access_token":"tok"}"#), token()),
        (Row(type: "APPLICATION/JSON;CHARSET=\"UTF-8\"", body: #"{"access_token":"tok"}"#), token()),
        (Row(type: ";;;", body: #"{"access_token":"tok"}"#), token()),
        (Row(type: "image/png", body: #"{"access_token":"tok"}"#), token()),
        // Members that are there to say nothing.
        (Row(body: #"{"access_token":"tok","error":{},"errors":null}"#), token()),
        (Row(body: #"{"access_token":"tok","errors":{},"code":200,"status":"OK"}"#), token()),
        (Row(body: #"{"access\u005ftoken":"\u0074ok","":1}"#), token()),
        (Row(status: 201, type: nil, body: "\u{FEFF} access_token=tok \r\n"), token()),
    ]

    @Test("and grants a token is understood", arguments: grants)
    func granting(row: Row, expected: TokenResponse) throws {
        #expect(try granted(row.answer) == expected)
    }

    private static let refusals: [(Row, FailureClass, error: String, words: String?)] = [
        // An error under 200, in every shape.
        (Row(type: form, body: "error=invalid_client&error_description=No."), .configuration, "invalid_client", "No."),
        (Row(type: "text/html", body: "error=server_error&access_token=tok"), .transient, "server_error", nil),
        (
            Row(body: #"{"errors":[{"errorType":"invalid_client","message":"No."}]}"#), .configuration,
            "invalid_client", "No."
        ),
        (Row(body: #"{"errors":["server_error"],"access_token":"tok"}"#), .transient, "server_error", nil),
        (Row(body: #"{"error":{"message":"No."}}"#), .configuration, "unnamed_error", "No."),
        (Row(body: #"{"error":1,"message":"No."}"#), .configuration, "unnamed_error", "No."),
        (Row(body: #"{"error":{"error":"server_error"},"access_token":"tok"}"#), .transient, "server_error", nil),
        (Row(body: #"{"error":[],"access_token":"tok"}"#), .configuration, "unnamed_error", nil),
        (Row(body: #"{"error":1e999,"access_token":"tok"}"#), .configuration, "unnamed_error", nil),
        // Under 400 without a code.
        (Row(status: 400, body: #"{"error":null,"errors":null}"#), .configuration, "unnamed_error", nil),
        (Row(status: 400, body: #"{"errors":[]}"#), .configuration, "unnamed_error", nil),
        (Row(status: 400, body: #"{"errors":[7]}"#), .configuration, "unnamed_error", nil),
        (
            Row(status: 401, type: "application/problem+json", body: #"{"title":"Unauthorized","status":401}"#),
            .configuration, "unnamed_error", "Unauthorized"
        ),
        // Nothing at all, whatever it says to be.
        (Row(status: 400, body: ""), .configuration, "empty_answer", nil),
        (Row(status: 403, type: "text/html", body: "\r\n"), .configuration, "empty_answer", nil),
        (Row(status: 403, type: form, body: "\u{FEFF}"), .configuration, "empty_answer", nil),
        // Pages under 200.
        (
            Row(type: "text/html", body: "<html><title>Sign in</title><input name=access_token value=tok>"),
            .endpointMisconfigured, "html_answer", "Sign in"
        ),
        (Row(body: "\u{FEFF}\n<!doctype html>"), .endpointMisconfigured, "html_answer", nil),
        (Row(type: nil, body: "<?xml version=\"1.0\"?><token>tok</token>"), .endpointMisconfigured, "html_answer", nil),
        (Row(type: "Application/XHTML+XML", body: "Welcome"), .endpointMisconfigured, "html_answer", nil),
        // What only looks like a token response.
        (Row(body: #"[{"access_token":"tok"}]"#), .protocol, "unreadable_answer", nil),
        (Row(body: #""{\"access_token\":\"tok\"}""#), .protocol, "unreadable_answer", nil),
        (Row(body: #"{"access_token":"tok"}{"access_token":"other"}"#), .protocol, "unreadable_answer", nil),
        (Row(body: #"{"access_token":"tok"}<script>"#), .protocol, "unreadable_answer", nil),
        (Row(body: #"{'access_token':'tok'}"#), .protocol, "unreadable_answer", nil),
        (Row(body: #"callback({"access_token":"tok"})"#), .protocol, "unreadable_answer", nil),
        (Row(body: #"{"data":{"access_token":"tok"}}"#), .protocol, "no_access_token", nil),
        (Row(type: form, body: "access_token=tok%"), .protocol, "unreadable_answer", nil),
        (Row(type: form, body: "access_token=tok%FF"), .protocol, "unreadable_answer", nil),
        (Row(type: form, body: "Access_Token=tok"), .protocol, "unreadable_answer", nil),
    ]

    @Test("and grants none is understood", arguments: refusals)
    func refusing(row: Row, failureClass: FailureClass, error: String, words: String?) {
        let failure = OAuth2Tests.failure(row.answer)
        #expect(failure?.failureClass == failureClass)
        #expect(failure?.error == error)
        #expect(failure?.serverWords == words)
    }

    @Test("and writes UTF-16 is not understood, and not shown", arguments: [true, false], ["", "\u{FEFF}"])
    func utf16(isBigEndian: Bool, mark: String) {
        let text = mark + #"{"access_token":"secret","error_description":"secret"}"#
        let body = text.utf16.flatMap { unit -> [UInt8] in
            let bytes = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
            return isBigEndian ? bytes : bytes.reversed()
        }
        for status in [200, 400] {
            let failure = OAuth2Tests.failure(answer(status, body))
            #expect(failure?.error == "unreadable_answer")
            #expect(failure?.serverWords == nil)
        }
    }

    @Test("and whose answer is cut off at any byte never gives another token")
    func truncated() {
        for (row, whole) in NonconformityTests.grants {
            for length in 0...row.body.utf8.count {
                var answer = row.answer
                answer.body.removeLast(answer.body.count - length)
                answer.headers.removeAll { $0.name == "Content-Length" }
                // White space may follow the brace that ends it.
                guard let granted = try? granted(answer) else { continue }
                #expect(
                    granted == whole && row.body.utf8.dropFirst(length).allSatisfy { $0 <= 0x20 },
                    "\(length) bytes"
                )
            }
        }
        for row in NonconformityTests.refusals.map(\.0) {
            for length in 0...row.body.utf8.count {
                var answer = row.answer
                answer.body.removeLast(answer.body.count - length)
                answer.headers.removeAll { $0.name == "Content-Length" }
                // A complete object may stand before what makes it none.
                guard let granted = try? granted(answer) else { continue }
                #expect(
                    granted.accessToken == Secret("tok") && row.body.hasPrefix(#"{"access_token":"tok"}"#),
                    "\(length) bytes"
                )
            }
        }
    }
}

extension TokenResponse {
    fileprivate static var maximumSeconds: Int { Int(maximumLifetime.components.seconds) }
}
