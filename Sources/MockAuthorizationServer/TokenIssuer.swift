/// The tokens that were given, and what becomes of them; pure, the time is passed in.
struct TokenIssuer: Sendable {
    /// Enough for a long benchmark, too little to fill a machine.
    static let capacity = 100_000

    private var tokens: [String: IssuedToken] = [:]
    private var order: [String] = []
    private var familyOfAccessToken: [String: Int] = [:]
    private var families: [Int: Family] = [:]
    private var refreshTokens: [String: RefreshToken] = [:]

    /// The refresh tokens that descend from one login.
    private struct Family {
        let clientID: String
        let scope: [String]
        let startedAt: Duration
        var isRevoked = false
    }

    private struct RefreshToken {
        let family: Int
        var spentAt: Duration?
    }

    /// What a refresh token is good for.
    struct Refreshed {
        let family: Int
        let scope: [String]

        /// The one that takes its place; nil when it stays.
        let refreshToken: String?
    }

    /// What is to be granted.
    struct Order {
        var clientID: String
        var scope: [String]
        var audience: [String]
        var lifetime: Duration
        var family: Int?

        /// Whether the newest valid token like this one will do.
        var mayRepeat = false
    }

    var issued: [IssuedToken] { order.compactMap { tokens[$0] } }

    /// The token `value`, if it is one of ours.
    func accessToken(_ value: String) -> IssuedToken? { tokens[value] }

    mutating func issue(_ asked: Order, now: Duration) -> IssuedToken {
        let scope = asked.scope.joined(separator: " ")
        if asked.mayRepeat,
            let same = issued.last(where: {
                $0.clientID == asked.clientID && $0.scope == scope && $0.audience == asked.audience
                    && $0.isActive(at: now)
            })
        {
            return same
        }
        let token = IssuedToken(
            value: RandomToken.make("at"),
            clientID: asked.clientID,
            scope: scope,
            audience: asked.audience,
            issuedAt: now,
            expiresAt: now + asked.lifetime
        )
        tokens[token.value] = token
        familyOfAccessToken[token.value] = asked.family
        order.append(token.value)
        if order.count > TokenIssuer.capacity { forgetOlderHalf() }
        return token
    }

    private mutating func forgetOlderHalf() {
        for value in order.prefix(order.count / 2) {
            tokens[value] = nil
            familyOfAccessToken[value] = nil
        }
        order.removeFirst(order.count / 2)
    }

    /// A first refresh token, as a login brings.
    mutating func startFamily(clientID: String, scope: [String], now: Duration) -> String {
        let number = families.count + 1
        families[number] = Family(clientID: clientID, scope: scope, startedAt: now)
        return addRefreshToken(family: number)
    }

    private mutating func addRefreshToken(family: Int) -> String {
        let value = RandomToken.make("rt")
        refreshTokens[value] = RefreshToken(family: family)
        return value
    }

    /// Uses a refresh token (RFC 6749 §6).
    mutating func refresh(
        _ value: String,
        clientID: String,
        scope: [String],
        policy: RotationPolicy,
        now: Duration
    ) throws(OAuthError) -> Refreshed {
        guard let token = refreshTokens[value], let family = families[token.family] else {
            throw OAuthError("invalid_grant", "unknown refresh token")
        }
        guard family.clientID == clientID else {
            throw OAuthError("invalid_grant", "the refresh token was issued to another client")
        }
        guard !family.isRevoked else { throw OAuthError("invalid_grant", "the refresh token is revoked") }
        if let lifetime = policy.familyLifetime, now >= family.startedAt + lifetime {
            throw OAuthError("invalid_grant", "the refresh token has expired")
        }
        if let spentAt = token.spentAt, now >= spentAt + policy.graceWindow {
            if policy.reuseRevokesFamily { revokeFamily(token.family) }
            throw OAuthError("invalid_grant", "the refresh token was used before")
        }
        guard Set(scope).isSubset(of: family.scope) else {
            throw OAuthError("invalid_scope", "more than the refresh token was granted")
        }
        var successor: String?
        if policy.rotates {
            refreshTokens[value]?.spentAt = token.spentAt ?? now
            successor = addRefreshToken(family: token.family)
        }
        return Refreshed(
            family: token.family,
            scope: scope.isEmpty ? family.scope : scope,
            refreshToken: successor
        )
    }

    /// Revokes an access token, or a refresh token with its family (RFC 7009 §2.1); an unknown one is none the less.
    mutating func revoke(_ value: String) {
        tokens[value]?.isRevoked = true
        if let family = refreshTokens[value]?.family { revokeFamily(family) }
    }

    private mutating func revokeFamily(_ family: Int) {
        families[family]?.isRevoked = true
        for (value, owner) in familyOfAccessToken where owner == family { tokens[value]?.isRevoked = true }
    }

    /// Whose token this is, access or refresh; nil for one that is not ours.
    func owner(of value: String) -> String? {
        tokens[value]?.clientID ?? refreshTokens[value].flatMap { families[$0.family]?.clientID }
    }
}

/// Values that nobody guesses.
enum RandomToken {
    /// 256 bits in hexadecimal behind `kind`.
    static func make(_ kind: String) -> String {
        var generator = SystemRandomNumberGenerator()
        let words = (0..<4).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return "\(kind)-" + words.joined()
    }
}
