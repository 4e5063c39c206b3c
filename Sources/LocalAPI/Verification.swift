/// What an authorization server says of a token that is held (RFC 7662 §2.2); times are Unix seconds.
package struct TokenVerification: Sendable, Equatable, Codable {
    /// Whether the token is good at the server; nil when that is not known.
    package var active: Bool?

    package var scope: String?
    package var subject: String?
    package var expiresAt: Int?

    /// Why it is not known: the authorization server's own `error`, or a short name of ours.
    package var error: String?

    /// What is not as it should be, in one sentence.
    package var summary: String?

    package var remedy: String?

    /// What is likeliest behind `error`, as the catalogue of causes names it.
    package var likelyCause: String?

    package init(
        active: Bool?,
        scope: String? = nil,
        subject: String? = nil,
        expiresAt: Int? = nil,
        error: String? = nil,
        summary: String? = nil,
        remedy: String? = nil,
        likelyCause: String? = nil
    ) {
        self.active = active
        self.scope = scope
        self.subject = subject
        self.expiresAt = expiresAt
        self.error = error
        self.summary = summary
        self.remedy = remedy
        self.likelyCause = likelyCause
    }

    /// Whether the server was to be asked and there is no good word of it: it says no, or did not say.
    package var isDoubtful: Bool { active == false || active == nil && error.map(Self.isNoDoubt) == false }

    /// The `error` of a client whose server has no introspection endpoint that is known.
    package static let noEndpoint = "no_introspection_endpoint"

    /// The `error` where there is nothing to ask about.
    package static let noToken = "no_token"

    /// The `error` of what was left when the time was over.
    package static let notChecked = "not_checked"

    /// The `error` of a token that gave way to another one meanwhile.
    package static let replaced = "replaced"

    private static func isNoDoubt(_ error: String) -> Bool { error == noEndpoint || error == noToken }
}

/// What a client's authorization server says of its tokens.
package struct ClientVerification: Sendable, Equatable, Codable {
    package var checkedAt: Int

    /// The worst of those in use; the slots have each.
    package var accessToken: TokenVerification

    /// Nil for a client that holds no refresh token.
    package var refreshToken: TokenVerification?

    package init(checkedAt: Int, accessToken: TokenVerification, refreshToken: TokenVerification? = nil) {
        self.checkedAt = checkedAt
        self.accessToken = accessToken
        self.refreshToken = refreshToken
    }

    /// Whether a server that was to be asked has no good word for one of them.
    package var isDoubtful: Bool { accessToken.isDoubtful || refreshToken?.isDoubtful ?? false }
}
