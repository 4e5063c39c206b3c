package import OAuth2

/// What is likeliest behind a failure, by its look and by what is known without asking.
package struct LikelyCause: Sendable, Hashable {
    package var id: CauseID

    /// One sentence.
    package var summary: String

    /// One imperative sentence.
    package var remedy: String

    /// Where the operator sees whether it is so.
    package var lookUp: String?
}

extension Diagnosis {
    /// The likeliest cause of a failure without probes; nil for a failure that the catalogue does not know, such as one on
    /// this side of the wire.
    ///
    /// - Parameters:
    ///   - client: Whom it befell, for the texts.
    ///   - observations: What the configuration and the history tell.
    package static func likelyCause(
        of failure: TokenEndpointFailure,
        provider: Provider,
        grant: Grant?,
        client: ClientName? = nil,
        observations: [Observation] = []
    ) -> LikelyCause? {
        let ranking = Ranking(Symptom(provider: provider, grant: grant, failure: failure), observations)
        guard let cause = ranking.entries.first?.cause else { return nil }
        let placeholders = Placeholders(client: client, failure: failure)
        return LikelyCause(
            id: cause.id,
            summary: placeholders.fill(cause.summary),
            remedy: placeholders.fill(cause.remedy),
            lookUp: cause.lookUp.map(placeholders.fill)
        )
    }

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
