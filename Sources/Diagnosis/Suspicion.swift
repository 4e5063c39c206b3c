import OAuth2

/// What is likeliest behind a failure before anything was asked.
struct Suspicion {
    let id: CauseID

    /// How the provider's own table tells it; nil where the standards' alone knows it, which the rows for each error
    /// tell better.
    let row: ExplanationRow?
}

extension Diagnosis {
    /// The likeliest cause of `failure`, by its look alone; nil when the catalogue has none, or the fault is ours.
    ///
    /// - Parameter grant: What the request presented; nil when that is not known.
    static func suspicion(of failure: TokenEndpointFailure, provider: Provider, grant: Grant?) -> Suspicion? {
        guard failure.localFault == nil else { return nil }
        let symptom = Symptom(provider: provider, grant: grant, failure: failure)
        if let (id, isClear) = Catalogue.own(provider)?.likeliest(symptom) {
            let cause = Catalogue.cause(id, of: provider)
            return Suspicion(
                id: id,
                row: cause.map { ExplanationRow($0, isClear: isClear, in: failure.failureClass) }
            )
        }
        return Catalogue.standard.likeliest(symptom).map { Suspicion(id: $0.id, row: nil) }
    }
}

extension Catalogue {
    /// Of equals the first, and whether it stands out from the others.
    fileprivate func likeliest(_ symptom: Symptom) -> (id: CauseID, isClear: Bool)? {
        let look = Signature.Look(symptom)
        guard let row = signatures.first(where: { $0.signature.fits(look) }), let first = row.causes.first else {
            return nil
        }
        let likeliest = row.causes.reduce(first) { $1.points > $0.points ? $1 : $0 }
        let next = row.causes.filter { $0.id != likeliest.id }.map(\.points).max()
        return (likeliest.id, next.map { likeliest.points - $0 >= Ranking.clearLead } ?? true)
    }
}

extension ExplanationRow {
    fileprivate init(_ cause: Cause, isClear: Bool, in failureClass: FailureClass) {
        self.init(any: failureClass, isClear ? cause.summary : "Likely: \(cause.summary)", cause.remedy)
    }
}
