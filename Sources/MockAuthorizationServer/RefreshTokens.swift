/// The refresh tokens that were given, and the ledger of their presentations; pure, the time is passed in.
struct RefreshTokens: Sendable {
    /// Enough for hours of kills, too little to fill a machine over days.
    static let capacity = 100_000

    /// What descends from one login.
    private struct Family {
        let clientID: String
        let scope: [String]
        let subject: String?
        let startedAt: Duration
        var isRevoked = false
    }

    /// A refresh token in a request.
    struct Presented {
        let value: String
        let clientID: String
        let request: Int
    }

    /// What a refresh token is good for.
    struct Refreshed {
        let family: Int
        let scope: [String]
        let subject: String?

        /// The one that takes its place; nil when it stays.
        let refreshToken: String?
    }

    private var families: [Int: Family] = [:]
    private var tokens: [String: IssuedRefreshToken] = [:]
    private var order: [String] = []

    /// Every presentation, the earliest first.
    private(set) var presentations: [RefreshPresentation] = []

    /// Every token that was given, the earliest first.
    var issued: [IssuedRefreshToken] {
        let presented = Dictionary(grouping: presentations, by: \.token.exposed)
        return order.compactMap { value in
            guard var token = tokens[value] else { return nil }
            token.isRevoked = isRevoked(token.family)
            token.presentations = presented[value] ?? []
            return token
        }
    }

    /// A first refresh token, as a login brings.
    mutating func startFamily(
        clientID: String,
        scope: [String],
        subject: String? = nil,
        now: Duration
    ) -> String {
        let number = families.count + 1
        families[number] = Family(clientID: clientID, scope: scope, subject: subject, startedAt: now)
        return add(IssuedOrder(clientID: clientID, family: number, generation: 1, parent: nil), now: now)
    }

    private struct IssuedOrder {
        let clientID: String
        let family: Int
        let generation: Int
        let parent: String?
    }

    private mutating func add(_ asked: IssuedOrder, now: Duration) -> String {
        let value = RandomToken.make("rt")
        tokens[value] = IssuedRefreshToken(
            value: SeenSecret(value),
            parent: asked.parent.map(SeenSecret.init),
            clientID: asked.clientID,
            family: asked.family,
            generation: asked.generation,
            issuedAt: now
        )
        order.append(value)
        if order.count > RefreshTokens.capacity { forgetOlderHalf() }
        return value
    }

    private mutating func forgetOlderHalf() {
        for value in order.prefix(order.count / 2) { tokens[value] = nil }
        order.removeFirst(order.count / 2)
    }

    // MARK: Judging

    /// Uses a refresh token (RFC 6749 §6), and notes what was made of it.
    mutating func refresh(
        _ presented: Presented,
        scope: [String],
        policy: RotationPolicy,
        now: Duration
    ) throws(OAuthError) -> Refreshed {
        let judgement = judge(presented, policy: policy, now: now)
        guard judgement.isGranted, let token = tokens[presented.value], let family = families[token.family] else {
            note(judgement, presented, now: now)
            if judgement == .replayRefused, policy.reuseRevokesFamily, let token = tokens[presented.value] {
                families[token.family]?.isRevoked = true
            }
            throw refusal(judgement, presented)
        }
        guard Set(scope).isSubset(of: family.scope) else {
            note(.unjudged, presented, now: now)
            throw OAuthError(
                "invalid_scope",
                "more than the refresh token was granted",
                objection: .scopeNotAllowed
            )
        }
        note(judgement, presented, now: now)
        var successor: String?
        if policy.rotates {
            tokens[presented.value]?.spentAt = token.spentAt ?? now
            successor = add(
                IssuedOrder(
                    clientID: family.clientID,
                    family: token.family,
                    generation: token.generation + 1,
                    parent: presented.value
                ),
                now: now
            )
        }
        return Refreshed(
            family: token.family,
            scope: scope.isEmpty ? family.scope : scope,
            subject: family.subject,
            refreshToken: successor
        )
    }

    private func judge(_ presented: Presented, policy: RotationPolicy, now: Duration) -> RefreshJudgement {
        guard let token = tokens[presented.value], let family = families[token.family],
            family.clientID == presented.clientID
        else { return .unknown }
        if family.isRevoked { return .revoked }
        if let lifetime = policy.familyLifetime, now >= family.startedAt + lifetime { return .expired }
        guard let spentAt = token.spentAt else { return .current }
        return now < spentAt + policy.graceWindow ? .replayGranted : .replayRefused
    }

    private func refusal(_ judgement: RefreshJudgement, _ presented: Presented) -> OAuthError {
        let isOurs = tokens[presented.value] != nil
        let (description, objection): (String, Objection) =
            switch judgement {
            case .revoked: ("the refresh token is revoked", .refreshTokenRevoked)
            case .expired: ("the refresh token has expired", .refreshTokenExpired)
            case .replayRefused: ("the refresh token was used before", .refreshTokenSpent)
            default:
                isOurs
                    ? ("the refresh token was issued to another client", .refreshTokenOfAnotherClient)
                    : ("unknown refresh token", .refreshTokenUnknown)
            }
        return OAuthError("invalid_grant", description, objection: objection)
    }

    private mutating func note(_ judgement: RefreshJudgement, _ presented: Presented, now: Duration) {
        note(judgement, presented.value, clientID: presented.clientID, request: presented.request, now: now)
    }

    private mutating func note(
        _ judgement: RefreshJudgement,
        _ value: String,
        clientID: String?,
        request: Int,
        now: Duration
    ) {
        presentations.append(
            RefreshPresentation(
                request: request,
                at: now,
                clientID: clientID,
                token: SeenSecret(value),
                family: tokens[value]?.family,
                generation: tokens[value]?.generation,
                judgement: judgement
            )
        )
        if presentations.count > RefreshTokens.capacity { presentations.removeFirst(RefreshTokens.capacity / 2) }
    }

    /// Notes a presentation that nobody looked at, unless the request's is noted already; the request's judgement.
    mutating func settle(_ value: String, clientID: String?, request: Int, now: Duration) -> RefreshJudgement {
        if let noted = presentations.last(where: { $0.request == request }) { return noted.judgement }
        note(.unjudged, value, clientID: clientID, request: request, now: now)
        return .unjudged
    }

    // MARK: Asking

    /// A refresh token that would bring tokens now.
    struct Live: Sendable {
        let clientID: String
        let scope: [String]
        let subject: String?
        let issuedAt: Duration
    }

    /// The token `value`, if it would bring tokens now; the grace window is no part of a token's life.
    func live(_ value: String, policy: RotationPolicy, now: Duration) -> Live? {
        guard let token = tokens[value], let family = families[token.family], !family.isRevoked, token.spentAt == nil
        else { return nil }
        if let lifetime = policy.familyLifetime, now >= family.startedAt + lifetime { return nil }
        return Live(
            clientID: family.clientID,
            scope: family.scope,
            subject: family.subject,
            issuedAt: token.issuedAt
        )
    }

    // MARK: Revoking

    func isRevoked(_ family: Int) -> Bool { families[family]?.isRevoked ?? false }

    func family(of value: String) -> Int? { tokens[value]?.family }

    /// Whose token this is; nil for one that is not ours.
    func owner(of value: String) -> String? { tokens[value]?.clientID }

    mutating func revoke(family: Int) { families[family]?.isRevoked = true }
}
