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
        return .failure(
            TokenEndpointFailure(
                answer,
                body: body,
                stated: stated,
                fault: fault,
                grant: grant,
                provider: profile,
                hiding: presented
            )
        )
    }

    /// The refresh token in a success that is worth nothing else, for want of a usable access token; nil when there is none.
    ///
    /// It spent the one that was presented (RFC 6749 §6), so that it is all there is.
    package static func successor(in answer: HTTPAnswer, provider: Provider = .generic) -> Secret? {
        guard (200..<300).contains(answer.status), case .members(let members) = AnswerBody(answer),
            StatedError(.members(members)) == nil, members.proveTheirEnd || !answer.isEndedByClose
        else { return nil }
        let granted = members["access_token"] == nil ? provider.profile.nestedToken.flatMap(members.nested) : nil
        return (granted?.text("refresh_token") ?? members.text("refresh_token")).map { Secret($0) }
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
