import OAuth2

/// What is said of a cause about one failure of one client.
struct CauseTexts {
    let summary: String
    let remedy: String
    let lookUp: String?

    /// - Parameter grant: How the client is configured; nil where that is not known.
    init(_ cause: Cause, _ failure: TokenEndpointFailure, client: ClientName?, grant: Grant?) {
        let placeholders = Placeholders(client: client, failure: failure)
        lookUp = cause.lookUp.map(placeholders.fill)
        // A refused assertion is explained by what the server says is wrong with it.
        if cause.id == .assertionRefused, ExplanationRow.assertion(failure) != nil {
            let explanation = Diagnosis.explain(failure, client: client, grant: grant)
            summary = explanation.summary
            remedy = explanation.remedy
            return
        }
        let filled = placeholders.fill(cause.summary)
        let secrets = cause.id == .wrongSecret ? failure.refusedSecrets : nil
        summary = secrets.map { "\(filled.trimmingFullStop): each of \($0) secrets was tried." } ?? filled
        remedy = placeholders.fill(LoginRemedy.fitted(cause.remedy, to: grant))
    }
}
