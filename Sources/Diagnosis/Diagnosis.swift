package import OAuth2

/// From a failure to its cause and remedy.
package enum Diagnosis {
    /// The explanation of `failure`, which befell `client` when one is named.
    ///
    /// A row for the cause within the failure's class comes before one for the cause alone; a cause that no row knows
    /// is explained by its class, and so is one that made the daemon stop asking.
    package static func explain(_ failure: TokenEndpointFailure, client: ClientName?) -> Explanation {
        let ofCause = ExplanationRow.causes.filter { $0.cause == failure.error }
        let row =
            ofCause.first { $0.failureClass == failure.failureClass }
            ?? ofCause.first { $0.failureClass == nil && failure.failureClass != .halted }
            ?? ExplanationRow.fallback(for: failure.failureClass)
        let section = client.map { "[clients.\(tomlKey($0))]" } ?? "the client's section"
        return Explanation(
            cause: failure.error,
            summary: row.summary.replacing(ExplanationRow.words, with: words(failure)),
            remedy: row.remedy.replacing(ExplanationRow.section, with: section)
        )
    }

    private static func words(_ failure: TokenEndpointFailure) -> String {
        failure.serverWords ?? "nothing more is known"
    }

    /// The name as a TOML key, which a dot would divide.
    private static func tomlKey(_ client: ClientName) -> String {
        client.value.contains(".") ? "\"\(client.value)\"" : client.value
    }
}
