import Diagnosis
import Testing

@testable import tokenctl

@Suite("A report for a provider's support") struct SupportReportTests {
    private func lines(_ report: DiagnosisReport, _ names: [String] = ["db1", "ann"]) -> [String] {
        SupportReport(report, now: .seconds(1_800_000_060), version: "0.1.0", machine: LocalNames(names)).lines
    }

    @Test("says what it is, who was refused where and how, and what was asked when")
    func whole() {
        #expect(
            lines(SampleReport.failing) == [
                "# OAuth 2.0 token request: diagnosis", "",
                "A report for the support of the authorization server, made by tokenbroker (an OAuth 2.0 client). It holds "
                    + "no secret, token or code, and nothing of the machine that it was made on. All times are UTC.",
                "",
                "- Written: 2027-01-15 08:01:00 UTC",
                "- Provider: cognito",
                "- client_id: `1example23456789`",
                "- Token endpoint: `https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token`",
                "- Grant: `client_credentials`",
                "- Versions: tokenctl 0.1.0, tokenbrokerd 0.1.0",
                "",
                "## The answer", "",
                "- When: 2027-01-15 08:00:00 UTC",
                "- HTTP status: 400",
                "- Error: `unauthorized_client`",
                "- Words: `'no'?[31m`",
                "- Request: `a-b-c`",
                "",
                "## What we take it for", "",
                "The app client may not use the client-credentials grant. (certain)", "",
                "- A refresh token that nobody issued is refused as unauthorized_client.",
                "",
                "## What we asked, and learned", "",
                "- **fake_refresh_token** (2027-01-15 08:00:00 UTC, HTTP 400, request "
                    + "`11111111-2222-3333-4444-555555555555`)",
                "  a refresh token that nobody issued",
                "  The client is accepted, and its grant is not.",
            ]
        )
    }

    @Test("has neither the client's local name nor what an operator is to do")
    func operatorsOwn() {
        let text = lines(SampleReport.failing).joined(separator: "\n")
        #expect(!text.contains("billing") && !text.contains("Enable") && !text.contains("console"))
    }

    @Test(
        "hides this machine's names and paths, and leaves addresses and words",
        arguments: [
            ("the secret in /etc/tokenbroker/secrets/a.txt ends so", "the secret in [removed] ends so"),
            ("(/run/credentials/x.service/secret)", "([removed])"), ("\"/home/ann/s\"", "\"[removed]\""),
            ("~/secret", "[removed]"), ("db1 asked", "[removed] asked"), ("from DB1.", "from [removed]"),
            ("ann: no", "[removed] no"), ("annual db12", "annual db12"),
            ("POST /oauth2/token", "POST /oauth2/token"), ("/oauth/token is not /oauth2/token", nil),
            ("https://a.example/home/x", nil), ("https://a.example/etc", nil), ("", nil), ("état ünd", nil),
        ] as [(String, String?)]
    )
    func hidden(text: String, expected: String?) {
        #expect(LocalNames(["db1", "ann", "a"]).hidden(in: text) == expected ?? text)
    }

    @Test("takes no markup from a server's words")
    func markup() {
        var report = SampleReport.failing
        report.causes[0].evidence = ["<img src=x> [a](http://b) *c* `d` | # \u{202E}"]
        report.failure?.serverWords = "a`b`\n# c"
        let lines = lines(report)
        #expect(lines.contains("- \\<img src=x\\> \\[a\\](http://b) \\*c\\* \\`d\\` \\| \\# ?"))
        #expect(lines.contains("- Words: `a'b'?# c`"))
    }
}
