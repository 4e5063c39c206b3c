/// The tokens that were given, and what becomes of them; pure, the time is passed in.
struct TokenIssuer: Sendable {
    /// Enough for a long benchmark, too little to fill a machine.
    static let capacity = 100_000

    let accessTokenLength: Int
    private var tokens: [String: IssuedToken] = [:]
    private var order: [String] = []
    private var familyOfAccessToken: [String: Int] = [:]
    private(set) var refreshTokens = RefreshTokens()

    /// - Parameter accessTokenLength: in characters.
    init(accessTokenLength: Int = Configuration.shortestAccessToken) { self.accessTokenLength = accessTokenLength }

    /// What is to be granted.
    struct Order {
        var clientID: String
        var scope: [String]
        var audience: [String]
        var lifetime: Duration
        var family: Int?
        var subject: String?

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
                    && $0.subject == asked.subject
                    && $0.isActive(at: now)
            })
        {
            return same
        }
        let token = IssuedToken(
            value: RandomToken.make("at", length: accessTokenLength),
            clientID: asked.clientID,
            scope: scope,
            audience: asked.audience,
            subject: asked.subject,
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

    // MARK: Refresh tokens

    /// A first refresh token, as a login brings.
    mutating func startFamily(
        clientID: String,
        scope: [String],
        subject: String? = nil,
        now: Duration
    ) -> String {
        refreshTokens.startFamily(clientID: clientID, scope: scope, subject: subject, now: now)
    }

    /// Uses a refresh token (RFC 6749 §6); one that ends its family ends the family's access tokens, too.
    mutating func refresh(
        _ presented: RefreshTokens.Presented,
        scope: [String],
        policy: RotationPolicy,
        now: Duration
    ) throws(OAuthError) -> RefreshTokens.Refreshed {
        do throws(OAuthError) {
            return try refreshTokens.refresh(presented, scope: scope, policy: policy, now: now)
        } catch {
            if let family = refreshTokens.family(of: presented.value), refreshTokens.isRevoked(family) {
                revokeAccessTokens(of: family)
            }
            throw error
        }
    }

    /// What was made of the refresh token in `request`, which is over.
    mutating func settle(_ value: String, clientID: String?, request: Int, now: Duration) -> RefreshJudgement {
        refreshTokens.settle(value, clientID: clientID, request: request, now: now)
    }

    /// Revokes an access token, or a refresh token with its family (RFC 7009 §2.1); an unknown one is none the less.
    mutating func revoke(_ value: String) {
        tokens[value]?.isRevoked = true
        guard let family = refreshTokens.family(of: value) else { return }
        refreshTokens.revoke(family: family)
        revokeAccessTokens(of: family)
    }

    private mutating func revokeAccessTokens(of family: Int) {
        for (value, owner) in familyOfAccessToken where owner == family { tokens[value]?.isRevoked = true }
    }

    /// Whose token this is, access or refresh; nil for one that is not ours.
    func owner(of value: String) -> String? { tokens[value]?.clientID ?? refreshTokens.owner(of: value) }
}

/// Values that nobody guesses.
enum RandomToken {
    /// 256 bits in hexadecimal behind `kind`, and as many more as `length` characters need.
    static func make(_ kind: String, length: Int = 0) -> String {
        var generator = SystemRandomNumberGenerator()
        let head = "\(kind)-"
        let digits = max(64, length - head.count)
        let words = (0..<(digits + 15) / 16).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return head + words.joined().prefix(digits)
    }
}
