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
package enum AccessDenial: String, Sendable, Hashable {
    /// There is no `allow`, and the caller is neither root nor the daemon's own user.
    case noRules = "no_rules"

    /// No entry fits the caller.
    case noRuleMatches = "no_rule_matches"

    /// An entry would fit but for the unit, which is not known.
    case unitUnknown = "unit_unknown"

    /// An entry names the caller's uid or gid, which is one that systemd recycles or that stands for nobody.
    case recycledNumber = "recycled_number"
}
