/// The reading of a token endpoint's answer.
package enum TokenAnswer {
    /// What `answer` grants, or what its failure means for a client that presented `grant`.
    ///
    /// - Parameters:
    ///   - provider: Whose server it is, for the codes and members of its own.
    ///   - presented: The request's own secrets, which some servers repeat in their error texts.
    package static func read(
        _ answer: HTTPAnswer,
        grant: Grant,
        provider: Provider = .generic,
        presented: [Secret] = []
    ) -> Result<TokenResponse, TokenEndpointFailure> {
        let profile = provider.profile
        let body = AnswerBody(answer)
        let stated = StatedError(body)
        var fault: AnswerFault?
        if (200..<300).contains(answer.status), stated == nil {
            do throws(AnswerFault) {
                return .success(try response(body, profile, of: answer))
            } catch {
                fault = error
            }
        }
        var failure = TokenEndpointFailure(
            answer,
            body: body,
            stated: stated,
            fault: fault,
            grant: grant,
            provider: profile,
            hiding: body.secrets + presented.map { $0.exposed() }
        )
        // A token in what could not be read cannot be hidden where the words repeat it.
        if body.isPartlyUnreadable { failure.serverWords = nil }
        return .failure(failure)
    }

    private static func response(
        _ body: AnswerBody,
        _ profile: ProviderProfile,
        of answer: HTTPAnswer
    ) throws(AnswerFault) -> TokenResponse {
        switch body {
        case .members(let members):
            // Else a connection that breaks within a form would leave a cut token, a cut scope or no refresh token.
            guard members.proveTheirEnd || !answer.isEndedByClose else { throw .unreadable }
            return try TokenResponse(members, profile, receivedAt: answer.serverTime)
        case .empty: throw .empty
        case .page: throw .page
        case .text, .unreadable: throw .unreadable
        }
    }
}
