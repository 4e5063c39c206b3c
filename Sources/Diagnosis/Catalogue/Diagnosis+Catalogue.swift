package import OAuth2

extension Diagnosis {
    /// What a failure may come from, without a client and without probes.
    package static func report(on symptom: Symptom, observations: [Observation] = []) -> DiagnosisReport {
        DiagnosisReport(explaining: symptom, observations: observations)
    }

    /// What a code means; nil for one that nothing is known of.
    ///
    /// A code of one provider's own is explained by it when no provider is named.
    ///
    /// - Parameter code: An OAuth error, a provider's own code (`7000215`, `AADSTS7000215`, `invalid_rapt`), our name for
    ///   a fault (`name_not_found`, `html_answer`), or the name of a cause.
    package static func report(
        onCode code: String,
        provider: Provider,
        grant: Grant? = nil
    ) -> DiagnosisReport? {
        let code = Signature.spelled(code)
        let symptom = symptom(code, provider, grant)
        if Catalogue.own(provider)?.names(code) ?? false || Catalogue.standard.names(code) {
            return report(on: symptom)
        }
        if provider == .generic, let owner = Provider.allCases.first(where: { Catalogue.own($0)?.names(code) ?? false })
        {
            return report(on: Diagnosis.symptom(code, owner, grant))
        }
        if let id = CauseID(rawValue: code), let cause = Catalogue.cause(id, of: provider) {
            return DiagnosisReport(explaining: cause, of: provider, grant: grant)
        }
        let isOurs =
            LocalFault(rawValue: code) != nil || OAuthErrorCode(rawValue: code) != nil
            || AnswerFault(rawValue: code) != nil || provider.profile.codes[code] != nil
        return isOurs || !Catalogue.suspects(symptom).isEmpty ? report(on: symptom) : nil
    }

    /// The failure that an answer of nothing but `code` is.
    private static func symptom(_ code: String, _ provider: Provider, _ grant: Grant?) -> Symptom {
        let failureClass =
            provider.profile.codes[code]
            ?? OAuthErrorCode(rawValue: code)?.failureClass(for: grant ?? .refreshToken) ?? .configuration
        let isNumber = provider == .entra && code.allSatisfy(\.isNumber)
        var failure = TokenEndpointFailure(
            failureClass,
            error: isNumber ? "AADSTS\(code)" : code,
            transport: TransportFailure(rawValue: code)
        )
        failure.providerCode = isNumber || provider.profile.codes[code] == nil ? nil : code
        return Symptom(provider: provider, grant: grant, failure: failure)
    }
}

extension Catalogue {
    /// Whether some row is for this very code.
    fileprivate func names(_ code: String) -> Bool {
        signatures.contains { $0.signature.errors?.contains(code) ?? false }
    }
}
