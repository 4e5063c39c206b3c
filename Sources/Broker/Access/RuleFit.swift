package import LinuxHost

/// How a caller stands to one entry of `allow`, condition by condition; for the operator, never for the caller.
package struct RuleFit: Sendable, Hashable {
    /// The entry's place in `allow`, counted from 0.
    package let ruleIndex: Int

    package let rule: AllowRule

    /// What the entry asks, in the order of `user`, `group`, `unit`, `user_unit`.
    package let conditions: [ConditionFit]

    /// Whether the entry lets the caller in.
    package var fits: Bool { conditions.allSatisfy { $0.verdict == .holds } }
}

/// How a caller stands to one condition of an entry.
package struct ConditionFit: Sendable, Hashable, CustomStringConvertible {
    /// The condition's key in the entry.
    package enum Key: String, Sendable, Hashable, CaseIterable {
        case user, group, unit
        case userUnit = "user_unit"
    }

    /// What came of it.
    package enum Verdict: Sendable, Hashable {
        case holds
        case differs

        /// The name is nobody's.
        case nameUnknown

        /// The number is the caller's, and is not to be trusted.
        case recycledNumber

        case unitUnknown(UnitObstacle)

        /// Its name in documents.
        package var code: String {
            switch self {
            case .holds: "holds"
            case .differs: "differs"
            case .nameUnknown: "name_unknown"
            case .recycledNumber: "recycled_number"
            case .unitUnknown: "unit_unknown"
            }
        }
    }

    package let key: Key
    package let verdict: Verdict

    /// `user differs`, `unit unknown (process_ended)`.
    package var description: String {
        switch verdict {
        case .holds: "\(key.rawValue) holds"
        case .differs: "\(key.rawValue) differs"
        case .nameUnknown: "\(key.rawValue) is a name that nobody has"
        case .recycledNumber: "\(key.rawValue) is a recycled number"
        case .unitUnknown(let obstacle): "\(key.rawValue) unknown (\(obstacle.rawValue))"
        }
    }
}

extension ResolvedRule {
    /// Each condition that the rule has, whatever the others say.
    func conditions(for peer: PeerIdentity, unit: UnitFinding) -> [ConditionFit] {
        let verdicts: [(ConditionFit.Key, ConditionFit.Verdict?)] = [
            (.user, verdict(user) { $0 == peer.uid }),
            (.group, verdict(group) { $0 == peer.gid || peer.groups.contains($0) }),
            (.unit, rule.unit.map { verdict(unit, isNamed: unit == .unit(.system($0))) }),
            (.userUnit, rule.userUnit.map { verdict(unit, isNamed: unit == .unit(.user($0, uid: peer.uid))) }),
        ]
        return verdicts.compactMap { key, verdict in verdict.map { ConditionFit(key: key, verdict: $0) } }
    }

    private func verdict(_ condition: Condition, _ isPeer: (UInt32) -> Bool) -> ConditionFit.Verdict? {
        switch condition {
        case .anybody: nil
        case .number(let number): isPeer(number) ? .holds : .differs
        case .recycled(let number): isPeer(number) ? .recycledNumber : .differs
        case .nobody: .nameUnknown
        }
    }

    private func verdict(_ unit: UnitFinding, isNamed: Bool) -> ConditionFit.Verdict {
        if case .unknown(let obstacle) = unit { return .unitUnknown(obstacle) }
        return isNamed ? .holds : .differs
    }
}
