import Diagnosis
import OAuth2

/// Explains without a client: from the catalogue of causes, and where that has none, by what the failure says itself.
enum Explainer {
    static func report(on symptom: Symptom) -> DiagnosisReport {
        var report = Diagnosis.report(on: symptom)
        if report.causes.isEmpty || symptom.failure.localFault != nil { report = plain(symptom) }
        report.notes += hint(report)
        let failure = symptom.failure
        report.failure = FailureRecord(
            error: failure.error,
            serverStatus: failure.serverStatus,
            serverWords: failure.serverWords,
            providerCode: failure.providerCode,
            requestID: failure.requestID
        )
        return report
    }

    /// How more is found out, where there is a choice.
    static func hint(_ report: DiagnosisReport) -> [String] {
        report.causes.count > 1 ? ["`tokenctl diagnose CLIENT` asks the server what tells the causes apart."] : []
    }

    /// By the failure's own code and class.
    static func plain(_ symptom: Symptom) -> DiagnosisReport {
        let explanation = Diagnosis.explain(symptom.failure, client: nil, grant: symptom.grant)
        return DiagnosisReport(
            provider: symptom.provider.rawValue,
            grant: symptom.grant?.name,
            healthy: false,
            verdict: explanation.summary,
            causes: [
                RankedCause(
                    id: explanation.cause,
                    summary: explanation.summary,
                    confidence: .possible,
                    remedy: explanation.remedy
                )
            ]
        )
    }
}
