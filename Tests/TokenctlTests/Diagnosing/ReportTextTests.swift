import Diagnosis
import LocalAPI
import Testing

@testable import tokenctl

@Suite("A diagnosis in words") struct ReportTextTests {
    private func lines(_ report: DiagnosisReport, columns: Int? = nil, isColoured: Bool = false) -> [String] {
        ReportText(report, columns: columns, isColoured: isColoured).lines
    }

    @Test("has the verdict first, then why, what to do, what else it may be, what was asked, and notes")
    func failing() {
        #expect(
            lines(SampleReport.failing) == [
                "billing: The app client may not use the client-credentials grant.",
                "  The failure: unauthorized_client (HTTP 400): `no`?[31m",
                "  The server's name for the request: a-b-c",
                "",
                "Confidence",
                "  certain (grant_not_allowed)",
                "  - A refresh token that nobody issued is refused as unauthorized_client.",
                "",
                "What to do",
                "  Enable the client-credentials grant on this app client.",
                "",
                "Where to look",
                "  Amazon Cognito console, App clients, Login pages.",
                "",
                "What else it might be",
                "  unlikely, wrong_secret: The secret is not the client's.",
                "    - Against it: Cognito answers a wrong secret with invalid_client.",
                "  possible, disabled_client: The client is disabled.",
                "    To do: Enable it.",
                "    To look up: The console.",
                "",
                "What was asked",
                "  fake_refresh_token: a refresh token that nobody issued",
                "    The client is accepted, and its grant is not. (HTTP 400, request",
                "    11111111-2222-3333-4444-555555555555)",
                "",
                "Notes",
                "  - With --spend one more token is asked for.",
            ]
        )
    }

    @Test("says what speaks for several causes once")
    func sharedEvidence() {
        var report = SampleReport.failing
        report.causes[1].evidence += report.causes[0].evidence
        #expect(lines(report) == lines(SampleReport.failing))
        // It stands under the verdict.
        report.causes[0].evidence.append(report.failure?.evidence ?? "")
        #expect(lines(report) == lines(SampleReport.failing))
        report.causes[2].remedy = report.causes[0].remedy
        report.causes[2].lookUp = report.causes[0].lookUp
        #expect(!lines(report).contains { $0.contains("To do") || $0.contains("To look up") })
    }

    @Test("tells what speaks against a cause from what speaks for it")
    func against() {
        var report = SampleReport.failing
        report.causes[0].against = ["It worked before."]
        #expect(lines(report).contains("  - Against it: It worked before."))
    }

    @Test("names the many causes that are left, and what is unlikely for no reason of its own, alone")
    func many() {
        var report = SampleReport.failing
        for number in 0..<9 {
            let confidence: Confidence = number < 7 ? .possible : .unlikely
            report.causes.append(
                RankedCause(id: "cause_\(number)", summary: "It is.", confidence: confidence, remedy: "Do \(number).")
            )
        }
        let lines = lines(report)
        #expect(lines.count { $0.contains("To do: ") } == 4)
        #expect(lines.contains("  less likely: cause_3, cause_4, cause_5, cause_6"))
        #expect(lines.contains("  unlikely: cause_7, cause_8"))
        // What nothing tells apart comes first, however many there are.
        report.inseparable = ["grant_not_allowed"] + (0..<7).map { "cause_\($0)" }
        let level = self.lines(report)
        #expect(level.count { $0.hasPrefix("  just as possible, ") } == 7)
        #expect(level.contains("  less likely: disabled_client"))
    }

    @Test("says what nothing tells apart")
    func inseparable() {
        var report = SampleReport.failing
        report.inseparable = ["grant_not_allowed", "disabled_client", "unknown_client"]
        #expect(
            lines(report).contains("  just as possible, disabled_client: The client is disabled.")
        )
    }

    @Test("of a healthy client has its round trip, its token's life and claims")
    func healthy() {
        #expect(
            lines(SampleReport.healthy) == [
                "billing: Nothing is wrong with the client.", "", "How it is",
                "  - The token endpoint answers within 42 ms.", "  - The token is good for 50m.",
                "  - Its scope is invoices/read.", "  - Claim client_id: 1example",
                "  - Claim iss: https://issuer.example",
            ]
        )
    }

    @Test("fits the terminal, with a hanging indentation, and breaks no word", arguments: [1, 24, 40, 80, 100, 500])
    func widths(columns: Int) {
        let width = min(max(columns, WrappedText.narrowestWidth), WrappedText.usualWidth)
        for line in lines(SampleReport.failing, columns: columns) {
            let words = line.split(separator: " ")
            #expect(line.count <= width || words.count == 1, "\(line)")
        }
        let narrow = lines(SampleReport.failing, columns: columns).joined(separator: " ")
        #expect(narrow.contains("11111111-2222-3333-4444-555555555555"))
    }

    @Test("wraps at the width and not before")
    func wrapping() {
        let text = WrappedText(columns: 24)
        #expect(text.lines("aaaa bbbb cccc dddd eeee", first: "- ") == ["- aaaa bbbb cccc dddd", "  eeee"])
        #expect(text.lines("aaaa bbbb cccc dddd eeeef") == ["aaaa bbbb cccc dddd", "eeeef"])
        #expect(text.lines("aaaa bbbb cccc dddd eeee") == ["aaaa bbbb cccc dddd eeee"])
        #expect(text.lines("", first: "- ") == ["- "])
        let long = String(repeating: "x", count: 60)
        #expect(text.lines(long, first: "- ") == ["- \(long)"])
    }

    @Test("has colour only where it is wanted, and never a server's own")
    func colour() {
        let plain = lines(SampleReport.failing)
        #expect(!plain.joined().contains("\u{1B}"))
        let coloured = lines(SampleReport.failing, isColoured: true)
        #expect(coloured[0] == "\u{1B}[31m\(plain[0])\u{1B}[0m")
        #expect(coloured.filter { $0.contains("\u{1B}") }.allSatisfy { $0.hasSuffix("\u{1B}[0m") })
        #expect(!coloured.joined().contains("`no`\u{1B}"))
        #expect(lines(SampleReport.healthy, isColoured: true)[0].hasPrefix("\u{1B}[32m"))
    }

    @Test("is the same document when it has gone over the socket")
    func document() throws {
        for report in [SampleReport.failing, SampleReport.healthy] {
            let bytes = DocumentCoding.encode(report)
            #expect(try DocumentCoding.decode(DiagnosisReport.self, from: bytes) == report)
        }
        let json = String(decoding: DocumentCoding.encode(SampleReport.failing), as: UTF8.self)
        for member in ["client_id", "token_endpoint", "daemon_version", "look_up", "request_id", "server_words"] {
            #expect(json.contains("\"\(member)\":"), "\(member)")
        }
        // Of an older daemon, or a newer one.
        let lists = #""causes":[],"inseparable":[],"probes":[],"notes":[]"#
        let least = #"{"format_version":1,"healthy":true,"verdict":"v","x":1,"# + lists + "}"
        #expect(try DocumentCoding.decode(DiagnosisReport.self, from: Array(least.utf8)).verdict == "v")
    }
}
