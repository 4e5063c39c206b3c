import Diagnosis
import LocalAPI
import OAuth2
import Testing

@testable import tokenctl

@Suite("tokenctl explain -") struct ResponseExplanationTests {
    /// 2027-01-15 08:00:00 UTC.
    private static let now = Duration.seconds(1_800_000_000)

    private func report(
        _ text: String,
        provider: Provider? = nil,
        grant: Grant? = nil
    ) throws -> DiagnosisReport {
        let pasted = PastedResponses(Array(text.utf8))
        return try ResponseExplanation(pasted, provider: provider, grant: grant, now: Self.now).report()
    }

    /// All that any format prints of it.
    private func printed(_ report: DiagnosisReport) -> String {
        let text = ReportText(report, columns: nil, isColoured: false).lines
        let support = SupportReport(report, now: Self.now, version: "1", machine: LocalNames([])).lines
        return (text + support).joined(separator: "\n") + String(decoding: DocumentCoding.encode(report), as: UTF8.self)
    }

    private static let cognito =
        "HTTP/1.1 400 Bad Request\r\nDate: Fri, 15 Jan 2027 07:00:00 GMT\r\nx-amz-cognito-request-id: 1-2-3\r\n\r\n"

    @Test("recognises the provider by a header of its own, and says so")
    func recognised() throws {
        let report = try report(Self.cognito + #"{"error":"unauthorized_client"}"#)
        #expect(report.provider == "cognito" && !report.healthy && !report.causes.isEmpty)
        #expect(report.failure?.error == "unauthorized_client" && report.failure?.serverStatus == 400)
        #expect(report.failure?.requestID == "1-2-3" && report.failure?.at == 1_799_996_400)
        #expect(report.notes.contains { $0.contains("cognito") && $0.contains("x-amz-cognito-request-id") })
    }

    @Test(
        "recognises it by its headers, words or host",
        arguments: [
            ("HTTP/2 400\nx-ms-request-id: a\n\n{\"error\":\"x\"}", .entra),
            ("{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: no\"}", .entra),
            ("HTTP/2 200\nX-GitHub-Request-Id: a\n\nerror=bad_verification_code", .github),
            ("{\"error\":\"invalid_grant\",\"error_subtype\":\"invalid_rapt\"}", .google),
            ("> Host: acme.auth.eu-west-1.amazoncognito.com\n< HTTP/2 400 \n< \n{\"error\":\"x\"}", .cognito),
            ("{\"errorCode\":\"invalid_client\",\"errorSummary\":\"no\"}", .okta),
            ("HTTP/2 400\n\n{\"error\":\"invalid_client\"}", .generic),
        ] as [(String, Provider)]
    )
    func recognised(text: String, provider: Provider) throws {
        let recognised = try report(text)
        #expect(recognised.provider == provider.rawValue)
        #expect(recognised.notes.contains { $0.contains("--provider") })
        // What the operator says stands, without a word about it.
        let told = try report(text, provider: .keycloak)
        #expect(told.provider == "keycloak" && !told.notes.contains { $0.contains("--provider") })
    }

    @Test("explains the first error of a chain, past what only leads there")
    func chain() throws {
        let before =
            "HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
            + "HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n"
        let report = try report(
            before
                + "HTTP/1.1 400 B\r\n\r\n{\"error\":\"invalid_request\"}HTTP/1.1 400 B\r\n\r\n{\"error\":\"invalid_grant\"}",
            grant: .authorizationCode
        )
        #expect(report.failure?.error == "invalid_request" && report.grant == "authorization_code")
        #expect(report.notes.contains { $0.contains("first of 2 errors") && $0.contains("invalid_grant (HTTP 400)") })
        #expect(report.notes.contains { $0.hasPrefix("A redirect came before it") })
        let alone = try self.report("HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n")
        #expect(alone.failure?.error == "redirect_refused" && !alone.notes.contains { $0.contains("came before") })
    }

    @Test("calls a success one, and never shows what it grants")
    func success() throws {
        let report = try report(
            "HTTP/1.1 503 B\n\n{\"error\":\"temporarily_unavailable\"}HTTP/1.1 200 OK\n\n"
                + #"{"access_token":"tok-1","refresh_token":"ref-1","id_token":"id-1","token_type":"bearer","#
                + #""expires_in":3600,"scope":"b a"}"#
        )
        #expect(report.healthy && report.causes.isEmpty)
        #expect(
            report.verdict == "This is a success: a Bearer access token for 1h, with a refresh token and an ID token."
        )
        #expect(report.health?.scope == "a b" && report.health?.expiresIn == 3_600)
        #expect(report.notes.contains { $0.contains("One try before it failed") })
        for secret in ["tok-1", "ref-1", "id-1"] { #expect(!printed(report).contains(secret)) }
        let form = try self.report("access_token=gho_abc&token_type=bearer&scope=repo", provider: .github)
        #expect(form.healthy && !printed(form).contains("gho_abc"))
    }

    @Test("hides tokens and secrets that a server repeats, and what would paint on a terminal")
    func hidden() throws {
        let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJlLTEyMzQ1Njc4"
        let text =
            "> POST /t HTTP/1.1\n> Host: a.example\n> Authorization: Basic YTpodW50ZXIyMg==\n> \n< HTTP/1.1 400 B\n< \n"
            + #"{"error":"invalid_grant","error_description":"bad \u001b[31m hunter22 and \#(jwt)\u202e","#
            + #""refresh_token":"rt-0001"}"#
        let shown = printed(try report(text))
        #expect(shown.contains("invalid_grant"))
        for secret in ["hunter22", jwt, "rt-0001", "YTpodW50ZXIyMg", "\u{1B}", "\u{202E}"] {
            #expect(!shown.contains(secret), "\(secret)")
        }
    }

    @Test(
        "says what a response without a word of its own is",
        arguments: [
            ("HTTP/1.1 403 Forbidden\nContent-Type: text/html\n\n<html><title>Blocked</title></html>", "html_answer"),
            ("<html>login</html>", "html_answer"), ("HTTP/1.1 405 No\nallow: GET\n\n", "method_not_allowed"),
            ("HTTP/1.1 404 Not Found\n\n", "not_found"), ("HTTP/1.1 502 Bad Gateway\n\nup", "http_server_error"),
            ("HTTP/1.1 400 B\n\n", "empty_answer"), ("{\"active\":true}", "no_access_token"),
            ("curl: (6) Could not resolve host: a", "name_not_found"),
        ]
    )
    func wordless(text: String, error: String) throws {
        let report = try report(text)
        #expect(report.failure?.error == error && !report.verdict.isEmpty && !report.causes.isEmpty)
    }

    @Test("says that this machine's clock is behind where the response shows it, and else nothing of it")
    func clock() throws {
        func notes(_ date: String) throws -> [String] {
            try report("HTTP/1.1 400 B\nDate: \(date)\n\n{\"error\":\"invalid_grant\"}").notes
        }
        #expect(try notes("Fri, 15 Jan 2027 08:05:00 GMT").contains { $0.contains("5m behind") })
        #expect(try !notes("Fri, 15 Jan 2027 08:00:00 GMT").contains { $0.contains("clock") })
        // Pasted an hour later.
        #expect(try !notes("Fri, 15 Jan 2027 07:00:00 GMT").contains { $0.contains("clock") })
    }

    @Test("wants a final response")
    func interim() {
        #expect(throws: Failure.self) { try report("HTTP/1.1 100 Continue\r\n\r\n") }
        #expect(throws: Failure.self) { try report("HTTP/1.1 200 Connection established\r\n\r\n") }
    }
}
