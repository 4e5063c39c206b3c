import Diagnosis
import LocalAPI

/// A diagnosis for people: the verdict, how sure it is and why, what to do, what else it might be, what was asked.
struct ReportText {
    private(set) var lines: [String] = []
    private let text: WrappedText
    private let isColoured: Bool

    /// How the failure stands in the evidence.
    private let failure: String?

    /// What need not be said again.
    private var said: Set<String> = []

    init(_ report: DiagnosisReport, columns: Int?, isColoured: Bool) {
        text = WrappedText(columns: columns)
        self.isColoured = isColoured
        failure = report.failure?.evidence
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
        guard let failure = report.failure else { return }
        add("The failure: \(Self.words(failure))", "  ")
        if let request = failure.requestID { add("The server's name for the request: \(request)", "  ") }
    }

    /// What the server said.
    private static func words(_ failure: FailureRecord) -> String {
        let code = failure.providerCode.flatMap { $0 == failure.error ? nil : $0 }
        return StatusTable.refusal(
            failure.error,
            status: failure.serverStatus,
            code: code,
            words: failure.serverWords
        )
    }

    private mutating func cause(_ cause: RankedCause, among report: DiagnosisReport) {
        let reasons = evidence(cause, "  ").map { ($0.text, $0.indentation) }
        section("Confidence", [("\(cause.confidence.rawValue) (\(cause.id))", "  ")] + reasons)
        section("What to do", [(cause.remedy, "  ")])
        if let place = cause.lookUp { section("Where to look", [(place, "  ")]) }
        said.formUnion(cause.evidence + (cause.against ?? []) + [cause.remedy] + [cause.lookUp].compactMap(\.self))
    }

    /// As many as a person weighs; the others have their words in the JSON, and from `tokenctl explain NAME`.
    private static let detailed = 5

    private mutating func others(_ report: DiagnosisReport) {
        guard report.causes.count > 1 else { return }
        heading("What else it might be")
        var left: [RankedCause] = []
        var count = 0
        let others = report.causes.dropFirst()
        let isLevel = { report.inseparable.contains($0.id) } as (RankedCause) -> Bool
        for cause in others.filter(isLevel) + others.filter({ !isLevel($0) }) {
            // What is unlikely is told by what speaks against it.
            let against = cause.confidence == .unlikely ? Set(cause.against ?? []) : nil
            let reasons = evidence(cause, "    ").filter {
                !said.contains($0.sentence) && against?.contains($0.sentence) ?? true
            }
            guard isLevel(cause) || count < Self.detailed && (cause.confidence != .unlikely || !reasons.isEmpty) else {
                left.append(cause)
                continue
            }
            count += 1
            add(
                "\(isLevel(cause) ? "just as possible" : cause.confidence.rawValue), \(cause.id): \(cause.summary)",
                "  ",
                "    "
            )
            for reason in reasons { add(reason.text, reason.indentation) }
            guard cause.confidence != .unlikely else { continue }
            // What several have in common is said once.
            if said.insert(cause.remedy).inserted { add("To do: \(cause.remedy)", "    ") }
            if let place = cause.lookUp, said.insert(place).inserted { add("To look up: \(place)", "    ") }
        }
        list("less likely", left.filter { $0.confidence != .unlikely })
        list("unlikely", left.filter { $0.confidence == .unlikely })
    }

    private mutating func list(_ title: String, _ causes: [RankedCause]) {
        guard !causes.isEmpty else { return }
        add("\(title): \(causes.map(\.id).joined(separator: ", "))", "  ", "    ")
    }

    /// The failure itself stands under the verdict.
    private func evidence(
        _ cause: RankedCause,
        _ indentation: String
    ) -> [(text: String, indentation: String, sentence: String)] {
        cause.evidence.filter { $0 != failure }.map { ($0, "\(indentation)- ", $0) }
            + (cause.against ?? []).map { ("Against it: \($0)", "\(indentation)- ", $0) }
    }

    private mutating func health(_ health: Health) {
        let sentences = [
            health.roundTripMilliseconds.map { "The token endpoint answers within \(max(1, $0)) ms." },
            health.expiresIn.map { "The token is good for \(DurationText.text(.seconds($0)))." },
            health.scope.flatMap { $0.isEmpty ? nil : "Its scope is \($0)." },
        ]
        let claims = health.claims.sorted { $0.key < $1.key }.map { "Claim \($0.key): \($0.value)" }
        section("How it is", (sentences.compactMap(\.self) + claims).map { ($0, "  - ") })
    }

    private mutating func probes(_ probes: [ProbeRecord]) {
        guard !probes.isEmpty else { return }
        heading("What was asked")
        for probe in probes {
            let status = probe.serverStatus.map { "HTTP \($0)" }.flatMap { probe.learned.contains($0) ? nil : $0 }
            let details = [status, probe.requestID.map { "request \($0)" }]
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
