package import OAuth2

/// From a failure to its cause and remedy.
package enum Diagnosis {
    /// The explanation of `failure`, which befell `client` when one is named.
    ///
    /// A row for the cause within the failure's class comes before one for the cause alone; a cause that no row knows
    /// is explained by its class, and so is one that made the daemon stop asking. A refresh token that is refused after
    /// attempts without an answer is explained by these, and a refused assertion by what it said and by the clocks. What
    /// the provider is known for comes before what every server may mean. With a `grant` that logins bring a new one is
    /// what mends it.
    ///
    /// - Parameters:
    ///   - grant: How the client is configured.
    ///   - presented: What the request presented; nil for what such a client presents when nobody logs in.
    package static func explain(
        _ failure: TokenEndpointFailure,
        client: ClientName?,
        grant: Grant? = nil,
        provider: Provider = .generic,
        presented: Grant? = nil
    ) -> Explanation {
        let ofCause = ExplanationRow.causes.filter { $0.cause == failure.error }
        let likely = suspicion(
            of: failure,
            provider: provider,
            grant: presented ?? grant.map { $0.isKept ? .refreshToken : $0 }
        )
        let row =
            ExplanationRow.assertion(failure) ?? likely?.row ?? ofCause.first {
                $0.failureClass == failure.failureClass
            }
            ?? ofCause.first { $0.failureClass == nil && failure.failureClass != .halted }
            ?? ExplanationRow.fallback(for: failure.failureClass)
        let placeholders = Placeholders(client: client, failure: failure)
        return Explanation(
            cause: failure.error,
            summary: history(failure)
                ?? secrets(failure, placeholders.fill(row.summary)),
            remedy: placeholders.fill(
                LoginRemedy.fitted(remedy(of: row, isLogin: grant?.isOfLogin ?? false), to: grant)
            ),
            likelyCause: likely?.id
        )
    }

    private static func remedy(of row: ExplanationRow, isLogin: Bool) -> String {
        guard isLogin else { return row.remedy }
        return row.remedy
            .replacing(
                "Log in with the consent that is asked for, and put the new refresh token where refresh_token in "
                    + "\(ExplanationRow.section) says",
                with: ExplanationRow.newLogin
            )
            .replacing(ExplanationRow.newRefreshToken.dropLast(), with: ExplanationRow.newLogin)
    }

    /// What was sent before and never answered, or refused otherwise, where it may be why the refresh token is refused.
    private static func history(_ failure: TokenEndpointFailure) -> String? {
        guard failure.failureClass == .loginRequired, failure.localFault == nil,
            !wantsPerson.contains(failure.error)
        else { return nil }
        return failure.unanswered?.summary ?? failure.precededBy?.summary
    }

    /// The summary, with how many secrets it is true of where there are several.
    private static func secrets(_ failure: TokenEndpointFailure, _ summary: String) -> String {
        failure.refusedSecrets.map { "\(summary.dropLast()): each of \($0) secrets was tried." } ?? summary
    }

    /// Codes that say nothing of the refresh token.
    private static let wantsPerson = [
        OAuthErrorCode.interactionRequired, .consentRequired, .loginRequired,
    ].map(\.rawValue)
}
