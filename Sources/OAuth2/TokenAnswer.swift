/// The reading of a token endpoint's answer.
package enum TokenAnswer {
    /// What `answer` grants, or what its failure means for a client that presented `grant`.
    package static func read(_ answer: HTTPAnswer, grant: Grant) -> Result<TokenResponse, TokenEndpointFailure> {
        let body = AnswerBody(answer)
        let stated = StatedError(body)
        guard (200..<300).contains(answer.status), stated == nil else {
            return .failure(TokenEndpointFailure(answer, body: body, stated: stated, fault: nil, grant: grant))
        }
        do throws(AnswerFault) {
            return .success(try response(body, at: answer.serverTime))
        } catch {
            return .failure(TokenEndpointFailure(answer, body: body, stated: nil, fault: error, grant: grant))
        }
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
