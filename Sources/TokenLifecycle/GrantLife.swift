package import OAuth2

/// How long a client's refresh tokens live, by the operator's word or the provider's habit.
package struct GrantPolicy: Sendable, Hashable {
    /// From the first issue to the end of all that descend from it; nil when not known.
    package var lifetime: Duration?

    /// How long a refresh token lives unused; nil when not known.
    package var idle: Duration?

    /// Whether presenting a refresh token may spend it.
    package var isRotating: Bool

    package init(lifetime: Duration? = nil, idle: Duration? = nil, isRotating: Bool = true) {
        self.lifetime = lifetime
        self.idle = idle
        self.isRotating = isRotating
    }
}

/// A grant's time: when it ends, when to keep it alive, when to warn. All since 1970-01-01 UTC.
package struct GrantLife: Sendable {
    /// A server that shortens what is left at each renewal is not asked more often.
    package static let shortestKeepAlive: Duration = .seconds(60)

    /// Enough for a person who reads the status once a week.
    package static let longestWarning: Duration = .seconds(7 * 86_400)

    /// The share of its whole life in which the warning stands.
    private static let warningShare = 10

    private let grant: RefreshGrant
    private let policy: GrantPolicy

    package init(_ grant: RefreshGrant, _ policy: GrantPolicy) {
        self.grant = grant
        self.policy = policy
    }

    /// The earliest end that is known; nil when none is.
    package var end: Duration? { [absoluteEnd, renewableEnd].compactMap(\.self).min() }

    /// The end that no renewal moves: counted from the first issue (a rotated token keeps the original's).
    private var absoluteEnd: Duration? { policy.lifetime.map { grant.firstIssuedAt + $0 } }

    /// The end that a renewal may move: of an idle time, or stated with the refresh token.
    private var renewableEnd: Duration? {
        [policy.idle.map { grant.renewedAt + $0 }, grant.statedEnd].compactMap(\.self).min()
    }

    /// When the grant is to be used if nothing else needs it, at half of what it lives unused; nil when that is endless.
    package var keepAliveDue: Duration? {
        guard let renewableEnd else { return nil }
        return grant.renewedAt + max((renewableEnd - grant.renewedAt) / 2, Self.shortestKeepAlive)
    }

    /// From when on a person should know that the end comes; nil when no end is known.
    package var warningDue: Duration? {
        guard let end else { return nil }
        let start = end == absoluteEnd ? grant.firstIssuedAt : grant.renewedAt
        return end - min(Self.longestWarning, max(.zero, end - start) / Self.warningShare)
    }
}
