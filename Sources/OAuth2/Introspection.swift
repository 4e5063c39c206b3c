/// A question to the authorization server about a token (RFC 7662 §2.1).
package struct IntrospectionRequest: Sendable, Equatable {
    /// What is asked about.
    package var token: Secret

    /// What the token is.
    package var hint: TokenTypeHint

    /// The client's identifier at the authorization server.
    package var clientID: String

    /// How the client proves that it may ask.
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

/// What the authorization server says of a token (RFC 7662 §2.2).
package struct Introspection: Sendable, Equatable {
    /// Whether the token is good now.
    package var isActive: Bool

    /// What it is good for; nil when the server does not say.
    package var scope: ScopeSet?

    /// Who gave it; nil when the server does not say.
    package var subject: String?

    /// When it ends, in seconds since the epoch; nil when the server does not say.
    package var expiresAt: Duration?

    package init(isActive: Bool, scope: ScopeSet? = nil, subject: String? = nil, expiresAt: Duration? = nil) {
        self.isActive = isActive
        self.scope = scope
        self.subject = subject
        self.expiresAt = expiresAt
    }

    /// Reads the answer of an introspection endpoint.
    ///
    /// - Parameters:
    ///   - provider: Whose server it is, for the codes of its own.
    ///   - presented: The request's own secrets, which some servers repeat in their error texts.
    package static func read(
        _ answer: HTTPAnswer,
        provider: Provider = .generic,
        presented: [Secret] = []
    ) throws(TokenEndpointFailure) -> Introspection {
        let body = AnswerBody(answer)
        let stated = StatedError(body)
        if (200..<300).contains(answer.status), stated == nil, case .members(let members) = body,
            case .boolean(let isActive)? = members["active"]
        {
            return Introspection(
                isActive: isActive,
                scope: members.text("scope").map { ScopeSet(wireValue: $0) },
                subject: members.text("sub", "username").flatMap { ServerWords.printable($0) },
                expiresAt: members["exp"]?.decimal.flatMap { $0 > 0 && $0 < latestDate ? .seconds(Int64($0)) : nil }
            )
        }
        throw TokenEndpointFailure(
            answer,
            body: body,
            stated: stated,
            fault: nil,
            // To ask again costs nothing, and no person need log in to be told.
            grant: .clientCredentials,
            provider: provider.profile,
            hiding: presented
        )
    }

    /// The year 5138; what is beyond is no date in seconds.
    private static let latestDate = 1e11
}
