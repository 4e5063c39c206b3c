import LinuxHost

/// A rule of `allow` in the kernel's terms.
struct ResolvedRule: Sendable, Equatable {
    let rule: AllowRule
    let user: Condition
    let group: Condition

    /// What a rule asks of a uid or gid.
    enum Condition: Sendable, Equatable {
        case anybody
        case number(UInt32)

        /// A number that is not to be trusted.
        case recycled(UInt32)

        /// A name that nobody has.
        case nobody
    }

    /// How a caller stands to a rule.
    enum Fit: Sendable, Equatable {
        case fits
        case differs

        /// All else holds.
        case unitUnknown(UnitObstacle)

        /// The rule names the caller by a number that is not to be trusted.
        case recycledNumber
    }

    var needsUnit: Bool { rule.needsUnit }

    var namedUser: UInt32? {
        if case .number(let uid) = user { uid } else { nil }
    }

    var namedGroup: UInt32? {
        if case .number(let gid) = group { gid } else { nil }
    }

    func fit(_ peer: PeerIdentity, unit: UnitFinding) -> Fit {
        let user = fit(user) { $0 == peer.uid }
        guard user == .fits else { return user }
        let group = fit(group) { $0 == peer.gid || peer.groups.contains($0) }
        guard group == .fits else { return group }
        guard needsUnit else { return .fits }
        return switch unit {
        case .unknown(let obstacle): .unitUnknown(obstacle)
        case .noUnit: .differs
        case .unit(.system(let name)): rule.unit == name && rule.userUnit == nil ? .fits : .differs
        case .unit(.user(let name, let uid)):
            rule.userUnit == name && rule.unit == nil && uid == peer.uid ? .fits : .differs
        }
    }

    private func fit(_ condition: Condition, _ isPeer: (UInt32) -> Bool) -> Fit {
        switch condition {
        case .anybody: .fits
        case .number(let number): isPeer(number) ? .fits : .differs
        case .recycled(let number): isPeer(number) ? .recycledNumber : .differs
        case .nobody: .differs
        }
    }
}

/// One round of looking names up, and what came of it.
struct NameResolution {
    let lookup: PrincipalLookup
    private(set) var unresolved: [PrincipalName] = []
    private(set) var recycled: [PrincipalName] = []

    init(lookup: PrincipalLookup) {
        self.lookup = lookup
    }

    mutating func resolve(_ rule: AllowRule) -> ResolvedRule {
        ResolvedRule(
            rule: rule,
            user: resolve(rule.user, PrincipalName.user, lookup.uid),
            group: resolve(rule.group, PrincipalName.group, lookup.gid)
        )
    }

    private mutating func resolve(
        _ principal: Principal?,
        _ kind: (String) -> PrincipalName,
        _ look: (String) -> UInt32?
    ) -> ResolvedRule.Condition {
        switch principal {
        case nil: return .anybody
        case .number(let number): return Principal.isRecycled(number) ? .recycled(number) : .number(number)
        case .name(let name):
            guard let number = look(name) else {
                note(kind(name), in: &unresolved)
                return .nobody
            }
            guard !Principal.isRecycled(number) else {
                note(kind(name), in: &recycled)
                return .recycled(number)
            }
            return .number(number)
        }
    }

    private func note(_ name: PrincipalName, in names: inout [PrincipalName]) {
        if !names.contains(name) { names.append(name) }
    }
}
