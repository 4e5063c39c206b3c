package import OAuth2

/// How long a token is refreshed ahead after the last caller asked for it.
package enum KeepWarm: Sendable, Hashable {
    /// While somebody asked within this time.
    case during(Duration)
    /// From the start, whether or not anybody asks.
    case always
    /// Only when a caller waits for it.
    case never
}

/// What a token's lifetime is taken for when the server states none.
package enum DefaultLifetime: Sendable, Hashable {
    case duration(Duration)
    /// The token does not expire.
    case never
}

/// The operator's wishes for a client's tokens.
package struct RefreshPolicy: Sendable, Hashable {
    /// The share of the lifetime after which a token is replaced, 0 to 1.
    package var refreshAt: Double
    package var keepWarm: KeepWarm
    package var defaultLifetime: DefaultLifetime

    /// What servers call a token for years is cut here: nothing that far away can be planned or trusted.
    package static let longestLifetime: Duration = .seconds(10 * 365 * 86_400)

    package init(
        refreshAt: Double = 0.75,
        keepWarm: KeepWarm = .during(.seconds(86_400)),
        defaultLifetime: DefaultLifetime = .duration(.seconds(3_600))
    ) {
        self.refreshAt = refreshAt
        self.keepWarm = keepWarm
        self.defaultLifetime = defaultLifetime
    }

    /// The lifetime to count with, in whole seconds; nil for a token that does not expire.
    ///
    /// Zero and less say nothing that could be meant, and count as not stated.
    package func lifetime(stated: Duration?) -> Duration? {
        if let stated, stated >= .seconds(1) {
            return .seconds(min(stated, Self.longestLifetime).components.seconds)
        }
        return switch defaultLifetime {
        case .duration(let lifetime): lifetime
        case .never: nil
        }
    }
}

/// When a token is to be replaced.
package enum RefreshPlan {
    /// Spreads the refreshes of clients that started together, either way of `refresh_at`.
    package static let spread = 0.05

    /// The age at which to refresh, drawn once when the token arrives; nil for a token that does not expire.
    ///
    /// - Parameter jitter: from -1 to 1.
    package static func refreshAge(lifetime: Duration?, refreshAt: Double, jitter: Double) -> Duration? {
        guard let lifetime else { return nil }
        let share = min(max(refreshAt + spread * min(max(jitter, -1), 1), 0), 1)
        return .milliseconds(Int64(Double(lifetime.components.seconds) * 1_000 * share))
    }
}

/// A token as a slot keeps it: with the age at which it is to be replaced.
package struct KeptToken: Sendable, Equatable {
    package var token: AccessToken

    /// Counted from the token's receipt; nil when it is never replaced ahead.
    package var refreshAge: Duration?

    package init(token: AccessToken, refreshAge: Duration?) {
        self.token = token
        self.refreshAge = refreshAge
    }
}
