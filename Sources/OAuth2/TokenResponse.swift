/// What a token endpoint granted (RFC 6749 §5.1).
package struct TokenResponse: Sendable, Equatable {
    /// Visible ASCII and not empty, so that it can stand in a header.
    package var accessToken: Secret

    /// `Bearer` when the server wrote that in any case, or nothing; otherwise its own word.
    package var tokenType: String

    /// Whole seconds, more than 0 and at most `maximumLifetime`; nil when the server stated none that can be believed.
    package var expiresIn: Duration?

    /// What was granted; nil means: as requested.
    package var scope: ScopeSet?

    /// A refresh token that takes the place of the old one; nil means: keep the old one (RFC 6749 §6).
    package var refreshToken: Secret?

    /// Who logged in, in the server's words (OpenID Connect Core §2); nil when it does not say.
    package var idToken: Secret?

    /// How long the refresh token lives from now on, in whole seconds; nil when the server stated no end.
    package var refreshTokenExpiresIn: Duration?

    /// Ten years: beyond it a lifetime is a server's way to say "very long", and sums with it could overflow.
    package static let maximumLifetime = Duration.seconds(10 * 365 * 86_400)

    package init(
        accessToken: Secret,
        tokenType: String = "Bearer",
        expiresIn: Duration? = nil,
        scope: ScopeSet? = nil,
        refreshToken: Secret? = nil,
        refreshTokenExpiresIn: Duration? = nil,
        idToken: Secret? = nil
    ) {
        self.accessToken = accessToken
        self.tokenType = tokenType
        self.expiresIn = expiresIn
        self.scope = scope
        self.refreshToken = refreshToken
        self.refreshTokenExpiresIn = refreshTokenExpiresIn
        self.idToken = idToken
    }
}

extension TokenResponse {
    /// Reads a success, whatever liberties its server takes with RFC 6749 §5.1.
    init(
        _ members: AnswerMembers,
        _ profile: ProviderProfile,
        receivedAt serverTime: Duration
    ) throws(AnswerFault) {
        let nested = members["access_token"] == nil ? profile.nestedToken.flatMap(members.nested) : nil
        let granted = nested ?? members
        self.init(
            accessToken: try TokenResponse.accessToken(granted),
            tokenType: try TokenResponse.tokenType(granted),
            expiresIn: TokenResponse.lifetime(granted, profile.lifetimeMembers, at: serverTime),
            scope: TokenResponse.scope(granted),
            refreshToken: granted.text("refresh_token").map { Secret($0) },
            refreshTokenExpiresIn: TokenResponse.lifetime(
                granted,
                TokenResponse.refreshLifetimeMembers,
                at: serverTime
            ),
            idToken: (granted.text("id_token") ?? members.text("id_token")).map { Secret($0) }
        )
    }

    /// No standard has one; most servers use the first, Keycloak the second, with 0 where there is no end.
    private static let refreshLifetimeMembers: [LifetimeMember] = [
        .seconds("refresh_token_expires_in"), .seconds("refresh_expires_in"),
    ]

    private static func accessToken(_ members: AnswerMembers) throws(AnswerFault) -> Secret {
        guard let value = members["access_token"] else { throw .noAccessToken }
        // A token with a line break would let the server write headers into its callers' requests.
        guard let token = value.string, !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .unusableAccessToken
        }
        return Secret(token)
    }

    private static func tokenType(_ members: AnswerMembers) throws(AnswerFault) -> String {
        let written = members.text("token_type") ?? ""
        let words = written.split(separator: " ")
        // Spaces around it are no part of a word, and within it make it none.
        let type = words.count == 1 ? String(words[0]) : words.isEmpty ? "" : written
        if type.isEmpty || type.lowercased() == "bearer" { return "Bearer" }
        // It becomes the scheme of an `Authorization` header (RFC 9110 §11.1).
        guard type.utf8.count <= maximumTokenType, type.utf8.allSatisfy(isTokenCharacter) else {
            throw .unusableTokenType
        }
        return type
    }

    /// Registered types have at most six letters; a longer one is no name.
    private static let maximumTokenType = 64

    /// The `tchar` of RFC 9110 §5.6.2.
    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func lifetime(
        _ members: AnswerMembers,
        _ places: [LifetimeMember],
        at serverTime: Duration
    ) -> Duration? {
        for place in places {
            switch place {
            case .seconds(let name):
                if let stated = members[name]?.decimal, stated >= 1 { return lifetime(seconds: stated) }
            case .secondsOrDate(let name):
                guard let stated = members[name]?.decimal else { continue }
                if let lifetime = lifetime(secondsOrDate: stated, at: serverTime) { return lifetime }
            }
        }
        return nil
    }

    private static func lifetime(secondsOrDate stated: Double, at serverTime: Duration) -> Duration? {
        // A lifetime is below ten years and a date of today beyond fifty, so that one number tells which it is.
        if stated <= maximumSeconds { return lifetime(seconds: stated) }
        let sinceEpoch = stated < firstMillisecondDate ? stated : stated / 1_000
        return lifetime(seconds: sinceEpoch - Double(serverTime.components.seconds))
    }

    private static let maximumSeconds = Double(maximumLifetime.components.seconds)

    /// As seconds this is the year 5138, as milliseconds it is 1973.
    private static let firstMillisecondDate = 1e11

    private static func lifetime(seconds: Double) -> Duration? {
        guard seconds >= 1 else { return nil }
        return .seconds(Int64(min(seconds, maximumSeconds)))
    }

    private static func scope(_ members: AnswerMembers) -> ScopeSet? {
        switch members["scope"] {
        case .string(let text):
            // A comma may stand in a scope token, so it separates only where no space does.
            let text = text.replacing(", ", with: ",")
            let tokens = text.split(separator: text.contains(" ") ? " " : ",").map(String.init)
            return ScopeSet(tokens.filter(ScopeSet.isValid))
        case .array(let elements):
            return ScopeSet(elements.compactMap(\.string).filter(ScopeSet.isValid))
        case nil, .null, .boolean, .number, .object, .unreadable:
            return nil
        }
    }
}
