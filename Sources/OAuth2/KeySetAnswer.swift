/// The reading of an authorization server's public keys (RFC 7517 §5), as far as their number.
package enum KeySetAnswer {
    /// How many keys there are, or what the failure means for one who asked for them.
    package static func keyCount(
        in answer: HTTPAnswer,
        provider: Provider = .generic
    ) throws(TokenEndpointFailure) -> Int {
        let body = AnswerBody(answer)
        if answer.status == 200, case .members(let members) = body, let keys = members["keys"]?.array {
            return keys.count
        }
        throw TokenEndpointFailure(
            answer,
            body: body,
            stated: StatedError(body),
            fault: nil,
            // To ask again costs nothing.
            grant: .clientCredentials,
            provider: provider.profile,
            hiding: []
        )
    }
}
