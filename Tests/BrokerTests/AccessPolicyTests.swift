import Broker
import LinuxHost
import OAuth2
import TestSupport
import Testing

@Suite struct AccessPolicyTests {
    private static let ann: UInt32 = 1001
    private static let finance: UInt32 = 2001
    private static let daemon: UInt32 = 61300
    private static let users = ["root": UInt32(0), "ann": ann, "dynamic": 61200]
    private static let groups = ["finance": finance, "dynamic": UInt32(61200)]
    private static let lookup = PrincipalLookup(uid: { users[$0] }, gid: { groups[$0] })

    private func policy(_ allow: [AllowRule]?, target: TokenTarget = TokenTarget()) -> AccessPolicy {
        AccessPolicy(allow: allow, target: target, daemonUID: Self.daemon, lookup: Self.lookup)
    }

    private func peer(_ uid: UInt32, gid: UInt32 = 100, groups: [UInt32] = []) -> PeerIdentity {
        PeerIdentity(pid: 42, uid: uid, gid: gid, groups: groups)
    }

    // MARK: Without rules

    @Test(
        arguments: [
            (0, AccessDecision.allowedByDefault), (daemon, .allowedByDefault), (ann, .denied(.noRules)),
            (61301, .denied(.noRules)), (65534, .denied(.noRules)),
        ] as [(UInt32, AccessDecision)]
    )
    func `without rules only root and the daemon's own user may`(uid: UInt32, decision: AccessDecision) {
        #expect(policy(nil).decide(peer(uid), unit: .noUnit) == decision)
    }

    @Test func `a daemon that runs as nobody lets no other nobody in`() {
        let policy = AccessPolicy(allow: nil, target: TokenTarget(), daemonUID: 65534, lookup: Self.lookup)
        #expect(policy.decide(peer(65534), unit: .noUnit) == .denied(.noRules))
    }

    @Test(arguments: [0, daemon, ann] as [UInt32])
    func `an empty list lets nobody in`(uid: UInt32) {
        #expect(policy([]).decide(peer(uid), unit: .noUnit) == .denied(.noRuleMatches))
    }

    // MARK: Users and groups

    @Test(arguments: [
        (AllowRule(user: .name("ann")), ann, true), (AllowRule(user: .number(ann)), ann, true),
        (AllowRule(user: .name("ann")), 0, false), (AllowRule(user: .name("ann")), daemon, false),
        (AllowRule(user: .name("root")), 0, true), (AllowRule(user: .number(0)), ann, false),
        (AllowRule(user: .name("nobody-has-this")), ann, false), (AllowRule(user: .name("nobody-has-this")), 0, false),
    ])
    func `a user is the caller's uid, and root is no exception`(rule: AllowRule, uid: UInt32, fits: Bool) {
        #expect(
            policy([rule]).decide(peer(uid), unit: .noUnit) == (fits ? .allowed(ruleIndex: 0) : .denied(.noRuleMatches))
        )
    }

    @Test(
        arguments: [
            (finance, [], true), (100, [finance], true), (100, [5, finance, 6], true), (100, [5], false),
            (100, [], false),
        ] as [(UInt32, [UInt32], Bool)]
    )
    func `a group is the primary one or a supplementary one`(gid: UInt32, groups: [UInt32], fits: Bool) {
        for rule in [AllowRule(group: .name("finance")), AllowRule(group: .number(Self.finance))] {
            #expect(policy([rule]).decide(peer(Self.ann, gid: gid, groups: groups), unit: .noUnit).isAllowed == fits)
        }
    }

    @Test(arguments: [61184, 61200, 65519, 65534] as [UInt32])
    func `a number that is recycled matches neither as user nor as group`(number: UInt32) {
        let denied = AccessDecision.denied(.recycledNumber)
        #expect(policy([AllowRule(user: .number(number))]).decide(peer(number), unit: .noUnit) == denied)
        #expect(
            policy([AllowRule(group: .number(number))]).decide(peer(number, gid: number), unit: .noUnit) == denied
        )
        #expect(
            policy([AllowRule(user: .number(number))]).decide(peer(Self.ann), unit: .noUnit) == .denied(.noRuleMatches)
        )
    }

    @Test(arguments: [61183, 65520, 65533, 65535] as [UInt32])
    func `the numbers beside them do match`(number: UInt32) {
        #expect(policy([AllowRule(user: .number(number))]).decide(peer(number), unit: .noUnit).isAllowed)
    }

    @Test func `a name with a recycled number matches nobody and is told apart`() {
        let policy = policy([AllowRule(user: .name("dynamic")), AllowRule(group: .name("dynamic"))])
        #expect(policy.decide(peer(61200, gid: 61200), unit: .noUnit) == .denied(.recycledNumber))
        #expect(policy.recycledNames == [.user("dynamic"), .group("dynamic")])
        #expect(policy.unresolvedNames.isEmpty)
    }

    @Test func `a service with a recycled uid may by its group`() {
        let policy = policy([AllowRule(group: .name("finance"))])
        #expect(policy.decide(peer(61200, gid: 61200, groups: [Self.finance]), unit: .noUnit).isAllowed)
    }

    @Test func `all keys of an entry must hold, and the first entry that fits decides`() {
        let policy = policy([
            AllowRule(user: .name("ann"), group: .name("finance")), AllowRule(user: .number(7)),
            AllowRule(user: .name("ann"), group: .number(5)),
        ])
        #expect(policy.decide(peer(Self.ann), unit: .noUnit) == .denied(.noRuleMatches))
        #expect(policy.decide(peer(8, gid: Self.finance), unit: .noUnit) == .denied(.noRuleMatches))
        #expect(policy.decide(peer(Self.ann, gid: Self.finance), unit: .noUnit) == .allowed(ruleIndex: 0))
        #expect(policy.decide(peer(7), unit: .noUnit) == .allowed(ruleIndex: 1))
        #expect(policy.decide(peer(Self.ann, groups: [5]), unit: .noUnit) == .allowed(ruleIndex: 2))
    }

    // MARK: Units

    private static let unitRule = AllowRule(unit: "billing.service")
    private static let userUnitRule = AllowRule(user: .name("ann"), userUnit: "sync.service")

    @Test(
        arguments: [
            (unitRule, UnitFinding.unit(.system("billing.service")), AccessDecision.allowed(ruleIndex: 0)),
            (unitRule, .unit(.system("billing2.service")), .denied(.noRuleMatches)),
            (unitRule, .unit(.system("xbilling.service")), .denied(.noRuleMatches)),
            (unitRule, .unit(.system("billing.service.service")), .denied(.noRuleMatches)),
            (unitRule, .unit(.system("Billing.service")), .denied(.noRuleMatches)),
            (unitRule, .unit(.system("")), .denied(.noRuleMatches)),
            (unitRule, .unit(.user("billing.service", uid: ann)), .denied(.noRuleMatches)),
            (unitRule, .noUnit, .denied(.noRuleMatches)),
            (userUnitRule, .unit(.user("sync.service", uid: ann)), .allowed(ruleIndex: 0)),
            (userUnitRule, .unit(.user("sync.service", uid: 5)), .denied(.noRuleMatches)),
            (userUnitRule, .unit(.user("other.service", uid: ann)), .denied(.noRuleMatches)),
            (userUnitRule, .unit(.system("sync.service")), .denied(.noRuleMatches)),
            (userUnitRule, .noUnit, .denied(.noRuleMatches)),
            (
                AllowRule(user: .number(5), unit: "billing.service"), .unit(.system("billing.service")),
                .denied(.noRuleMatches)
            ),
            (
                AllowRule(user: .number(5), unit: "billing.service"), .unknown(.processEnded),
                .denied(.noRuleMatches)
            ),
        ] as [(AllowRule, UnitFinding, AccessDecision)]
    )
    func `a unit is the system's or the user's, and whole`(
        rule: AllowRule,
        unit: UnitFinding,
        decision: AccessDecision
    ) {
        let policy = policy([rule])
        #expect(policy.decide(peer(Self.ann), unit: unit) == decision)
        #expect(policy.needsUnit)
    }

    @Test(arguments: UnitObstacle.allCases)
    func `a unit that cannot be told refuses, and says why`(obstacle: UnitObstacle) {
        for rule in [Self.unitRule, Self.userUnitRule] {
            let decision = policy([rule]).decide(peer(Self.ann), unit: .unknown(obstacle))
            #expect(decision == .denied(.unitUnknown(obstacle)))
            guard case .denied(let denial) = decision else { continue }
            #expect(denial.obstacle == obstacle)
            #expect(denial.code == "unit_unknown")
        }
    }

    @Test func `another entry may still fit where the unit is unknown`() {
        let policy = policy([Self.unitRule, AllowRule(user: .name("ann"))])
        #expect(policy.decide(peer(Self.ann), unit: .unknown(.processEnded)) == .allowed(ruleIndex: 1))
        #expect(policy.decide(peer(7), unit: .unknown(.processEnded)) == .denied(.unitUnknown(.processEnded)))
    }

    @Test func `no unit is needed where no rule names one`() {
        #expect(!policy(nil).needsUnit)
        #expect(!policy([AllowRule(user: .name("ann"))]).needsUnit)
    }

    // MARK: Names

    @Test func `a name that nobody has is reported once, and matches when it comes to be`() {
        let rules = [AllowRule(user: .name("new")), AllowRule(user: .name("new"), group: .name("team"))]
        let before = policy(rules)
        #expect(before.unresolvedNames == [.user("new"), .group("team")])
        #expect(!before.decide(peer(3000), unit: .noUnit).isAllowed)
        let after = before.resolved(again: PrincipalLookup(uid: { $0 == "new" ? 3000 : nil }, gid: { _ in nil }))
        #expect(after.unresolvedNames == [.group("team")])
        #expect(after.decide(peer(3000), unit: .noUnit) == .allowed(ruleIndex: 0))
    }

    @Test func `the numbers that rules name are known, and those that never match are not`() {
        let policy = policy([
            AllowRule(user: .name("ann"), group: .number(5)), AllowRule(user: .name("dynamic")),
            AllowRule(user: .name("new")), AllowRule(group: .name("finance")), AllowRule(user: .number(7)),
        ])
        #expect(policy.knownUsers == [Self.ann, 7])
        #expect(policy.knownGroups == [5, Self.finance])
        #expect(self.policy(nil).knownUsers == [0, Self.daemon])
        #expect(self.policy(nil).knownGroups.isEmpty)
    }

    // MARK: What may be asked

    private static let own = TokenTarget(scope: ScopeSet(["a", "b"]), audience: "api", resource: ["urn:one"])
    private static let additions = [
        AllowRule(user: .name("ann"), scopes: ScopeSet(["c"])),
        AllowRule(group: .name("finance"), scopes: ScopeSet(["d"]), audiences: ["other"], resources: ["urn:two"]),
    ]

    @Test(arguments: [
        (TokenTarget(scope: ScopeSet(["a", "b"]), audience: "api", resource: ["urn:one"]), true, true),
        (TokenTarget(scope: ScopeSet(["a"])), true, true),
        (TokenTarget(), true, true),
        (TokenTarget(scope: ScopeSet(["a", "c"])), true, true),
        (TokenTarget(scope: ScopeSet(["c", "d"])), false, true),
        (TokenTarget(scope: ScopeSet(["e"])), false, false),
        (TokenTarget(audience: "other"), false, true),
        (TokenTarget(audience: "none"), false, false),
        (TokenTarget(resource: ["urn:one", "urn:two"]), false, true),
        (TokenTarget(resource: ["urn:three"]), false, false),
    ])
    func `a caller may ask within the client's own set and what its entries add`(
        target: TokenTarget,
        alone: Bool,
        inFinance: Bool
    ) {
        let policy = policy(Self.additions, target: Self.own)
        #expect(policy.mayAsk(target, peer: peer(Self.ann), unit: .noUnit) == alone)
        #expect(policy.mayAsk(target, peer: peer(Self.ann, gid: Self.finance), unit: .noUnit) == inFinance)
    }

    @Test func `root without rules may ask for the client's own set only`() {
        let policy = policy(nil, target: Self.own)
        #expect(policy.mayAsk(TokenTarget(scope: ScopeSet(["a"])), peer: peer(0), unit: .noUnit))
        #expect(!policy.mayAsk(TokenTarget(scope: ScopeSet(["c"])), peer: peer(0), unit: .noUnit))
    }

    @Test func `what an entry adds is not for callers it does not fit`() {
        let policy = policy([AllowRule(user: .name("ann")), Self.unitRule.adding(scope: "c")], target: Self.own)
        let target = TokenTarget(scope: ScopeSet(["c"]))
        #expect(!policy.mayAsk(target, peer: peer(Self.ann), unit: .noUnit))
        #expect(!policy.mayAsk(target, peer: peer(Self.ann), unit: .unit(.system("other.service"))))
        #expect(policy.mayAsk(target, peer: peer(Self.ann), unit: .unit(.system("billing.service"))))
    }

    // MARK: Against the rules in plain words

    @Test func `random rules and callers are decided as the words say`() {
        var random = SeededGenerator(seed: 20_061)
        let numbers: [UInt32] = [0, 5, Self.ann, Self.finance, 61200, Self.daemon, 65534]
        let principals: [Principal?] =
            [nil, nil, .name("ann"), .name("dynamic"), .name("finance"), .name("none")] + numbers.map { .number($0) }
        let units: [UnitFinding] = [
            .noUnit, .unknown(.processEnded), .unit(.system("a.service")), .unit(.user("a.service", uid: 5)),
            .unit(.user("a.service", uid: Self.ann)),
        ]
        var allowed = 0
        for _ in 0..<20_000 {
            let rules = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                AllowRule(
                    user: principals.randomElement(using: &random) ?? nil,
                    group: principals.randomElement(using: &random) ?? nil,
                    unit: Int.random(in: 0..<4, using: &random) == 0 ? "a.service" : nil,
                    userUnit: Int.random(in: 0..<4, using: &random) == 0 ? "a.service" : nil
                )
            }
            let peer = peer(
                numbers.randomElement(using: &random) ?? 0,
                gid: numbers.randomElement(using: &random) ?? 0,
                groups: numbers.filter { _ in Bool.random(using: &random) }
            )
            let unit = units.randomElement(using: &random) ?? .noUnit
            let expected = rules.firstIndex { mayByTheWords($0, peer, unit) }
            let policy = policy(rules)
            let decision = policy.decide(peer, unit: unit)
            #expect(policy.fits(peer, unit: unit).firstIndex(where: \.fits) == expected)
            if let expected { #expect(decision == .allowed(ruleIndex: expected)) } else { #expect(!decision.isAllowed) }
            allowed += expected == nil ? 0 : 1
        }
        #expect(allowed > 1000)
    }

    /// The rules one by one, slow and plain.
    private func mayByTheWords(_ rule: AllowRule, _ peer: PeerIdentity, _ unit: UnitFinding) -> Bool {
        func number(_ principal: Principal, _ names: [String: UInt32]) -> UInt32? {
            let number: UInt32? =
                switch principal {
                case .name(let name): names[name]
                case .number(let number): number
                }
            return number.flatMap { (61184...65519).contains($0) || $0 == 65534 ? nil : $0 }
        }
        if let user = rule.user, number(user, Self.users) != peer.uid { return false }
        if let group = rule.group {
            guard let gid = number(group, Self.groups), peer.gid == gid || peer.groups.contains(gid) else {
                return false
            }
        }
        if let name = rule.unit, unit != .unit(.system(name)) { return false }
        if let name = rule.userUnit, unit != .unit(.user(name, uid: peer.uid)) { return false }
        return true
    }
}

extension AllowRule {
    fileprivate func adding(scope: String) -> AllowRule {
        var rule = self
        rule.scopes = ScopeSet([scope])
        return rule
    }
}
