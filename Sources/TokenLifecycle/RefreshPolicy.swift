package import OAuth2

/// How far ahead of need a slot's token is kept.
package enum KeepWarm: Sendable, Hashable {
    /// Refreshed ahead of its end while a caller asked within this time.
    case during(Duration)

    /// Fetched at start and refreshed ahead of its end, asked for or not.
    case always

    /// Fetched when a caller needs it, never ahead.
    case never
}

/// What the operator configured about when a client's tokens are refreshed.
package struct RefreshPolicy: Sendable, Hashable {
    /// The share of the lifetime after which a token is refreshed, before jitter.
    package var refreshAt: Double

    /// How far ahead of need the token is kept.
    package var keepWarm: KeepWarm

    /// What holds when the server states no lifetime.
    package var defaultLifetime: DefaultLifetime

    /// Ten years: a lifetime beyond is a mistake of the server's, and nothing that far ahead can be planned.
    package static let maximumLifetime: Duration = .seconds(3_650 * 86_400)

    /// A policy; left out, what the configuration's defaults say.
    package init(
        refreshAt: Double = 0.75,
        keepWarm: KeepWarm = .during(.seconds(86_400)),
        defaultLifetime: DefaultLifetime = .duration(.seconds(3_600))
    ) {
        self.refreshAt = refreshAt
        self.keepWarm = keepWarm
        self.defaultLifetime = defaultLifetime
    }

    /// The lifetime of a token whose server stated `stated`, in whole seconds and at most ten years; nil when it does
    /// not expire.
    ///
    /// Less than one second counts as not stated: `expires_in` is in whole seconds (RFC 6749 §5.1).
    package func lifetime(stated: Duration?) -> Duration? {
        if let stated, isLifetime(stated) { return Self.bounded(stated) }
        switch defaultLifetime {
        case .duration(let lifetime): return Self.bounded(lifetime)
        case .never: return nil
        }
    }

    /// Whether what the server stated is a lifetime.
    package func isLifetime(_ stated: Duration?) -> Bool { stated.map { $0 >= .seconds(1) } ?? false }

    private static func bounded(_ lifetime: Duration) -> Duration {
        .seconds(min(lifetime, maximumLifetime).components.seconds)
    }
}
