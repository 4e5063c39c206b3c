/// The reading of a token endpoint's answer.
package enum TokenAnswer {
    /// What `answer` grants, or what its failure means for a client that presented `grant`.
    ///
    /// - Parameter presented: The request's own secrets, which some servers repeat in their error texts.
    package static func read(
        _ answer: HTTPAnswer,
        grant: Grant,
        presented: [Secret] = []
    ) -> Result<TokenResponse, TokenEndpointFailure> {
        let body = AnswerBody(answer)
        let stated = StatedError(body)
        var fault: AnswerFault?
        if (200..<300).contains(answer.status), stated == nil {
            do throws(AnswerFault) {
                return .success(try response(body, at: answer.serverTime))
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
                hiding: body.secrets + presented.map { $0.exposed() }
            )
        )
    }

    private static func response(_ body: AnswerBody, at serverTime: Duration) throws(AnswerFault) -> TokenResponse {
        switch body {
        case .members(let members): try TokenResponse(members, receivedAt: serverTime)
        case .empty: throw .empty
        case .page: throw .page
        case .text, .unreadable: throw .unreadable
        }
    }
}
