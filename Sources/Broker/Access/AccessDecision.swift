package import LinuxHost

/// Whether a caller may use a client, and why.
package enum AccessDecision: Sendable, Hashable {
    /// By the first entry of `allow` that fits, counted from 0.
    case allowed(ruleIndex: Int)

    /// There is no `allow`, and the caller is root or the daemon's own user.
    case allowedByDefault

    case denied(AccessDenial)

    /// Whether the caller gets the token, whatever the reason.
    package var isAllowed: Bool {
        if case .denied = self { false } else { true }
    }
}

/// Why a caller may not use a client; for the operator, never for the caller.
package enum AccessDenial: Sendable, Hashable {
    /// There is no `allow`, and the caller is neither root nor the daemon's own user.
    case noRules

    /// No entry fits the caller.
    case noRuleMatches

    /// An entry would fit but for the unit, which cannot be told.
    case unitUnknown(UnitObstacle)

    /// An entry names the caller's uid or gid, which is one that systemd recycles or that stands for nobody.
    case recycledNumber

    /// Its name in logs and documents.
    package var code: String {
        switch self {
        case .noRules: "no_rules"
        case .noRuleMatches: "no_rule_matches"
        case .unitUnknown: "unit_unknown"
        case .recycledNumber: "recycled_number"
        }
    }

    /// Why the unit could not be told, where that decided.
    package var obstacle: UnitObstacle? {
        if case .unitUnknown(let obstacle) = self { obstacle } else { nil }
    }
}
