import Diagnosis
import OAuth2

/// Explains without a client: from the catalogue of causes, and where that has none, by what the failure says itself.
enum Explainer {
    static func report(on symptom: Symptom) -> DiagnosisReport {
        var report = Diagnosis.report(on: symptom)
        if report.causes.isEmpty { report = plain(symptom) }
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
