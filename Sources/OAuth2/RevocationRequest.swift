/// What a token is, for a server that would otherwise search for it (RFC 7009 §2.1).
package enum TokenTypeHint: String, Sendable, Hashable, CaseIterable {
    case accessToken = "access_token"
    case refreshToken = "refresh_token"
}

/// A request to give a token up, before it is put into bytes (RFC 7009 §2.1).
package struct RevocationRequest: Sendable, Equatable {
    /// What is given up; with a refresh token, whatever came from it.
    package var token: Secret

    /// What the token is.
    package var hint: TokenTypeHint

    /// The client's identifier at the authorization server (RFC 6749 §2.2).
    package var clientID: String

    /// How the client proves that the token is its own.
    package var authentication: ClientAuthentication

    package init(token: Secret, hint: TokenTypeHint, clientID: String, authentication: ClientAuthentication) {
        self.token = token
        self.hint = hint
        self.clientID = clientID
        self.authentication = authentication
    }

    /// The request as it goes on the wire; the same request gives the same bytes.
    package func encoded() -> EncodedTokenRequest {
        var form = RequestForm()
        form.present("token", token)
        form.append("token_type_hint", hint.rawValue)
        form.authenticate(clientID, authentication)
        return form.encoded()
    }
}

/// The reading of a revocation endpoint's answer.
package enum RevocationAnswer {
    /// Nothing when the token is worth nothing any more, which it may have been before (RFC 7009 §2.2); else why not.
    ///
    /// - Parameters:
    ///   - provider: Whose server it is, for the codes of its own.
    ///   - presented: The request's own secrets, which some servers repeat in their error texts.
    package static func read(
        _ answer: HTTPAnswer,
        provider: Provider = .generic,
        presented: [Secret] = []
    ) throws(TokenEndpointFailure) {
        let body = AnswerBody(answer)
        let stated = StatedError(body)
        // The status says it all, but that of a page is a portal's, which has revoked nothing.
        if (200..<300).contains(answer.status), stated == nil {
            guard case .page = body else { return }
        }
        throw TokenEndpointFailure(
            answer,
            body: body,
            stated: stated,
            fault: nil,
            // To ask again costs nothing, and no person need log in to give a token up.
            grant: .clientCredentials,
            provider: provider.profile,
            hiding: presented
        )
    }
}
