package import LinuxHost
package import OAuth2

/// Who may use one client and what they may ask it for: the rules of `allow`, with their names looked up.
///
/// All keys of a rule must hold. Without rules, root and the daemon's own user may; with rules, only what they say, to
/// root as to everyone.
package struct AccessPolicy: Sendable, Equatable {
    private let allow: [AllowRule]?
    private let ownTarget: TokenTarget
    private let daemonUID: UInt32
    let rules: [ResolvedRule]

    /// Names in the rules that nobody has; they match nobody until looked up again.
    package let unresolvedNames: [PrincipalName]

    /// Names in the rules whose numbers systemd recycles; they match nobody.
    package let recycledNames: [PrincipalName]

    /// Whether some rule depends on the caller's unit, which must then be resolved before it is decided.
    package let needsUnit: Bool

    /// The policy of a client with these rules and this target of its own.
    package init(allow: [AllowRule]?, target: TokenTarget, daemonUID: UInt32, lookup: PrincipalLookup) {
        self.allow = allow
        self.daemonUID = daemonUID
        ownTarget = target
        var names = NameResolution(lookup: lookup)
        rules = (allow ?? []).map { names.resolve($0) }
        unresolvedNames = names.unresolved
        recycledNames = names.recycled
        needsUnit = rules.contains { $0.needsUnit }
    }

    /// A policy without rules.
    static let none = AccessPolicy(
        allow: nil,
        target: TokenTarget(),
        daemonUID: 0,
        lookup: PrincipalLookup(uid: { _ in nil }, gid: { _ in nil })
    )

    /// The policy of `client`.
    package init(client: ClientConfiguration, daemonUID: UInt32, lookup: PrincipalLookup) {
        self.init(allow: client.allow, target: client.target, daemonUID: daemonUID, lookup: lookup)
    }

    /// The same policy with its names looked up anew.
    package func resolved(again lookup: PrincipalLookup) -> AccessPolicy {
        AccessPolicy(allow: allow, target: ownTarget, daemonUID: daemonUID, lookup: lookup)
    }

    /// The uids that the policy names, for connection limits.
    package var knownUsers: Set<UInt32> {
        guard allow != nil else { return [0, daemonUID] }
        return Set(rules.compactMap(\.namedUser))
    }

    /// The gids that the policy names, for connection limits.
    package var knownGroups: Set<UInt32> { Set(rules.compactMap(\.namedGroup)) }

    /// Whether the process `peer`, with what is known of its unit, may use the client.
    package func decide(_ peer: PeerIdentity, unit: UnitFinding) -> AccessDecision {
        guard allow != nil else {
            return isDefaultCaller(peer) ? .allowedByDefault : .denied(.noRules)
        }
        return judge(rules.indices, peer, unit: unit, stopping: true)
    }

    /// - Parameter stopping: whether the first rule that fits ends it.
    private func judge(
        _ indices: Range<Int>,
        _ peer: PeerIdentity,
        unit: UnitFinding,
        stopping: Bool
    ) -> AccessDecision {
        var denial = AccessDenial.noRuleMatches
        for index in indices {
            switch rules[index].fit(peer, unit: unit) {
            case .fits: if stopping { return .allowed(ruleIndex: index) }
            case .differs: break
            case .unitUnknown(let obstacle): denial = .unitUnknown(obstacle)
            case .recycledNumber: if denial == .noRuleMatches { denial = .recycledNumber }
            }
        }
        return .denied(denial)
    }

    /// Whether there is an `allow`.
    var hasRules: Bool { allow != nil }

    /// How many rules there are.
    var ruleCount: Int { rules.count }

    /// Looks at the rules from number `count` on, as `decide` does at all of a policy in which none fits; always true.
    func judgeAgain(_ peer: PeerIdentity, unit: UnitFinding, after count: Int) -> Bool {
        // What nobody used would not be computed.
        judge(min(count, rules.count)..<rules.count, peer, unit: unit, stopping: false) != .allowedByDefault
    }

    /// How the process `peer` stands to each rule, in their order; none without rules.
    package func fits(_ peer: PeerIdentity, unit: UnitFinding) -> [RuleFit] {
        rules.enumerated().map { index, rule in
            RuleFit(ruleIndex: index, rule: rule.rule, conditions: rule.conditions(for: peer, unit: unit))
        }
    }

    /// Whether a caller that may use the client may ask for `target`: each part of it within the client's own set or
    /// what the rules that fit the caller add.
    package func mayAsk(_ target: TokenTarget, peer: PeerIdentity, unit: UnitFinding) -> Bool {
        if target == ownTarget { return true }
        return mayAsk(target, by: rules.filter { $0.fit(peer, unit: unit) == .fits }.map(\.rule))
    }

    /// Whether any caller at all could be allowed to ask for `target`.
    package func someoneMayAsk(_ target: TokenTarget) -> Bool { mayAsk(target, by: rules.map(\.rule)) }

    private func mayAsk(_ target: TokenTarget, by fitting: [AllowRule]) -> Bool {
        mayAsk(scope: target.scope, fitting) && mayAsk(audience: target.audience, fitting)
            && target.resource.allSatisfy { mayAsk(resource: $0, fitting) }
    }

    private func mayAsk(scope: ScopeSet, _ fitting: [AllowRule]) -> Bool {
        scope.tokens.allSatisfy { token in
            ownTarget.scope.tokens.contains(token) || fitting.contains { $0.scopes.tokens.contains(token) }
        }
    }

    private func mayAsk(audience: String?, _ fitting: [AllowRule]) -> Bool {
        guard let audience, audience != ownTarget.audience else { return true }
        return fitting.contains { $0.audiences.contains(audience) }
    }

    private func mayAsk(resource: String, _ fitting: [AllowRule]) -> Bool {
        ownTarget.resource.contains(resource) || fitting.contains { $0.resources.contains(resource) }
    }

    /// The daemon's own uid counts even where systemd recycles it, since it is that of the very process that asks.
    private func isDefaultCaller(_ peer: PeerIdentity) -> Bool {
        peer.uid == 0 || (peer.uid == daemonUID && peer.uid != Principal.overflow)
    }
}
