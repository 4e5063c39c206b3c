package import OAuth2

extension Diagnosis {
    /// What a failure may come from, without a client and without probes.
    package static func report(on symptom: Symptom, observations: [Observation] = []) -> DiagnosisReport {
        DiagnosisReport(explaining: symptom, observations: observations)
    }

    /// What a code means; nil for one that nothing is known of.
    ///
    /// - Parameter code: An OAuth error, a provider's own code (`7000215`, `AADSTS7000215`, `invalid_rapt`), our name for
    ///   a fault (`name_not_found`, `html_answer`), or the name of a cause.
    package static func report(
        onCode code: String,
        provider: Provider,
        grant: Grant? = nil
    ) -> DiagnosisReport? {
        let code = code.lowercased()
        let failure = TokenEndpointFailure(.configuration, error: code)
        let symptom = Symptom(provider: provider, grant: grant, failure: failure)
        guard !Catalogue.suspects(symptom).isEmpty else { return nil }
        return report(on: symptom)
    }
}
