import Diagnosis

/// A diagnosis as a provider's support needs it, in Markdown: nothing of this machine is in it, and nothing secret.
struct SupportReport {
    private(set) var lines: [String] = []
    private let machine: LocalNames

    /// - Parameters:
    ///   - now: When it is written, since 1970-01-01 UTC.
    ///   - version: Of this command.
    init(_ report: DiagnosisReport, now: Duration, version: String, machine: LocalNames) {
        self.machine = machine
        lines = [
            "# OAuth 2.0 token request: diagnosis", "",
            "A report for the support of the authorization server, made by tokenbroker (an OAuth 2.0 client). It holds no "
                + "secret, token or code, and nothing of the machine that it was made on. All times are UTC.", "",
        ]
        item("Written", UTCText.text(now))
        item("Provider", report.provider)
        item("client_id", report.clientID, isCode: true)
        item("Token endpoint", report.tokenEndpoint.map(Self.withoutQuery), isCode: true)
        item("Grant", report.grant, isCode: true)
        item("Versions", versions(version, report.daemonVersion))
        failure(report.failure)
        finding(report)
        probes(report.probes)
    }

    private func versions(_ own: String, _ daemon: String?) -> String {
        "tokenctl \(own)" + (daemon.map { ", tokenbrokerd \($0)" } ?? "")
    }

    private static func withoutQuery(_ url: String) -> String { String(url.prefix { $0 != "?" && $0 != "#" }) }

    private mutating func failure(_ failure: FailureRecord?) {
        guard let failure else { return }
        heading("The answer")
        item("When", failure.at.map { UTCText.text(.seconds($0)) })
        item("HTTP status", failure.serverStatus.map(String.init))
        item("Error", failure.error, isCode: true)
        item("Code", failure.providerCode == failure.error ? nil : failure.providerCode, isCode: true)
        item("Words", failure.serverWords, isCode: true)
        item("Request", failure.requestID, isCode: true)
    }

    private mutating func finding(_ report: DiagnosisReport) {
        heading("What we take it for")
        guard let cause = report.causes.first else {
            lines.append(text(report.verdict))
            return
        }
        lines.append(text("\(report.verdict) (\(cause.confidence.rawValue))"))
        // The failure itself stands above.
        let reasons =
            cause.evidence.filter { $0 != report.failure?.evidence } + (cause.against ?? []).map { "Against it: \($0)" }
        guard !reasons.isEmpty else { return }
        lines.append("")
        for sentence in reasons { lines.append("- \(text(sentence))") }
    }

    private mutating func probes(_ probes: [ProbeRecord]) {
        guard !probes.isEmpty else { return }
        heading("What we asked, and learned")
        for probe in probes {
            let details = [
                probe.at.map { UTCText.text(.seconds($0)) }, probe.serverStatus.map { "HTTP \($0)" },
                probe.requestID.map { "request \(code($0))" },
            ]
            .compactMap(\.self)
            lines.append("- **\(text(probe.name))**\(details.isEmpty ? "" : " (\(details.joined(separator: ", ")))")")
            for sentence in [probe.asked, probe.learned] where !sentence.isEmpty { lines.append("  \(text(sentence))") }
        }
    }

    private mutating func heading(_ title: String) { lines += ["", "## \(title)", ""] }

    private mutating func item(_ name: String, _ value: String?, isCode: Bool = false) {
        guard let value, !value.isEmpty else { return }
        lines.append("- \(name): \(isCode ? code(value) : text(value))")
    }

    /// As it stands, whatever it holds; a grave accent would end it.
    private func code(_ value: String) -> String {
        "`\(EventText.printable(machine.hidden(in: value)).replacing("`", with: "'"))`"
    }

    /// Prose in which nothing is markup.
    private func text(_ value: String) -> String {
        EventText.printable(machine.hidden(in: value)).map { "\\`*[]<>|#".contains($0) ? "\\\($0)" : "\($0)" }.joined()
    }
}
