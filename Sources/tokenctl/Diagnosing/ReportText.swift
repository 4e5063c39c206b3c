import Diagnosis
import LocalAPI

/// A diagnosis for people: the verdict, how sure it is and why, what to do, what else it might be, what was asked.
struct ReportText {
    private(set) var lines: [String] = []
    private let text: WrappedText
    private let isColoured: Bool

    init(_ report: DiagnosisReport, columns: Int?, isColoured: Bool) {
        text = WrappedText(columns: columns)
        self.isColoured = isColoured
        verdict(report)
        if let first = report.causes.first { cause(first, among: report) }
        if let health = report.health { self.health(health) }
        others(report)
        probes(report.probes)
        section("Notes", report.notes.map { ($0, "  - ") })
    }

    private mutating func verdict(_ report: DiagnosisReport) {
        let subject = report.client.map { "\($0): " } ?? ""
        let paint: Paint = report.healthy ? .green : .red
        lines += text.lines(printable(subject + report.verdict)).map { paint.applied(to: $0, isColoured) }
        if let failure = report.failure { add(Self.words(failure), "  ") }
    }

    /// What the server said.
    static func words(_ failure: FailureRecord) -> String {
        let code = failure.providerCode.flatMap { $0 == failure.error ? nil : $0 }
        let said = StatusTable.refusal(
            failure.error,
            status: failure.serverStatus,
            code: code,
            words: failure.serverWords
        )
        let request = failure.requestID.map { "; the server's name for the request is \($0)" } ?? ""
        return "The failure: \(said)\(request)"
    }

    private mutating func cause(_ cause: RankedCause, among report: DiagnosisReport) {
        section("Confidence", [("\(cause.confidence.rawValue) (\(cause.id))", "  ")] + evidence(cause, "  "))
        let twins = report.inseparable.filter { $0 != cause.id }
        // A verdict may name them itself.
        if !twins.allSatisfy({ report.verdict.contains($0) }) {
            add("Nothing on this side of the wire tells it from \(twins.joined(separator: " or ")).", "  ")
        }
        section("What to do", [(cause.remedy, "  ")])
        if let place = cause.lookUp { section("Where to look", [(place, "  ")]) }
    }

    private mutating func others(_ report: DiagnosisReport) {
        let others = report.causes.dropFirst()
        guard !others.isEmpty else { return }
        let said = report.causes[0].evidence
        heading("What else it might be")
        for cause in others {
            add("\(cause.confidence.rawValue), \(cause.id): \(cause.summary)", "  ", "    ")
            // What stands with the first is not said again.
            for (sentence, indentation) in evidence(cause, "    ") where !said.contains(sentence) {
                add(sentence, indentation)
            }
            // What is unlikely has its remedy in the JSON.
            guard cause.confidence != .unlikely else { continue }
            add("To do: \(cause.remedy)", "    ")
            if let place = cause.lookUp { add("To look up: \(place)", "    ") }
        }
    }

    private func evidence(_ cause: RankedCause, _ indentation: String) -> [(String, String)] {
        cause.evidence.map { ($0, "\(indentation)- ") }
    }

    private mutating func health(_ health: Health) {
        let sentences = [
            health.roundTripMilliseconds.map { "The token endpoint answers within \($0) ms." },
            health.expiresIn.map { "The token is good for \(DurationText.text(.seconds($0)))." },
            health.scope.map { "Its scope is \($0)." },
        ]
        let claims = health.claims.sorted { $0.key < $1.key }.map { "Claim \($0.key): \($0.value)" }
        section("How it is", (sentences.compactMap(\.self) + claims).map { ($0, "  - ") })
    }

    private mutating func probes(_ probes: [ProbeRecord]) {
        guard !probes.isEmpty else { return }
        heading("What was asked")
        for probe in probes {
            let details = [probe.serverStatus.map { "HTTP \($0)" }, probe.requestID.map { "request \($0)" }]
                .compactMap(\.self)
            let beside = details.isEmpty ? "" : " (\(details.joined(separator: ", ")))"
            add("\(probe.name): \(probe.asked)", "  ", "    ")
            add("\(probe.learned)\(beside)", "    ")
        }
    }

    private mutating func section(_ title: String, _ sentences: [(text: String, indentation: String)]) {
        guard !sentences.isEmpty else { return }
        heading(title)
        for sentence in sentences { add(sentence.text, sentence.indentation) }
    }

    private mutating func heading(_ title: String) {
        lines += ["", Paint.bold.applied(to: title, isColoured)]
    }

    private mutating func add(_ sentence: String, _ first: String, _ rest: String? = nil) {
        lines += text.lines(printable(sentence), first: first, rest: rest)
    }

    /// A server's words must not paint on an operator's terminal.
    private func printable(_ text: String) -> String { EventText.printable(text) }
}
