import Broker
import LinuxHost
import OAuth2
import Testing

/// What `tokenctl why` tells of each entry.
@Suite struct RuleFitTests {
    private static let ann: UInt32 = 1001
    private static let lookup = PrincipalLookup(
        uid: { ["ann": ann, "dynamic": 61200][$0] },
        gid: { ["finance": 2001][$0] }
    )
    private static let peer = PeerIdentity(pid: 42, uid: ann, gid: 100, groups: [61200])

    private func conditions(_ rule: AllowRule, _ unit: UnitFinding = .noUnit) -> [String] {
        AccessPolicy(allow: [rule], target: TokenTarget(), daemonUID: 61300, lookup: Self.lookup)
            .fits(Self.peer, unit: unit)[0].conditions.map(\.description)
    }

    @Test(
        arguments: [
            (AllowRule(user: .name("ann")), ["user holds"]),
            (AllowRule(user: .number(5)), ["user differs"]),
            (AllowRule(user: .name("carol")), ["user is a name that nobody has"]),
            (AllowRule(user: .number(61200)), ["user differs"]),
            (AllowRule(group: .number(61200)), ["group is a recycled number"]),
            (AllowRule(group: .number(100)), ["group holds"]),
            (AllowRule(user: .number(5), group: .name("finance")), ["user differs", "group differs"]),
            (AllowRule(user: .name("ann"), unit: "a.service"), ["user holds", "unit differs"]),
        ] as [(AllowRule, [String])]
    )
    func `each condition is told, whatever the others say`(rule: AllowRule, told: [String]) {
        #expect(conditions(rule) == told)
    }

    @Test(
        arguments: [
            (.noUnit, "differs", "differs"),
            (.unit(.system("a.service")), "holds", "differs"),
            (.unit(.user("a.service", uid: ann)), "differs", "holds"),
            (.unit(.user("a.service", uid: 5)), "differs", "differs"),
            (.unknown(.processEnded), "unknown (process_ended)", "unknown (process_ended)"),
        ] as [(UnitFinding, String, String)]
    )
    func `so is the unit, or why it is not known`(unit: UnitFinding, system: String, user: String) {
        #expect(conditions(AllowRule(unit: "a.service"), unit) == ["unit \(system)"])
        let rule = AllowRule(user: .name("ann"), userUnit: "a.service")
        #expect(conditions(rule, unit) == ["user holds", "user_unit \(user)"])
    }

    @Test func `entries keep their places, and the first that fits is the one that decides`() {
        let rules = [AllowRule(user: .number(5)), AllowRule(user: .name("ann")), AllowRule(group: .number(100))]
        let policy = AccessPolicy(allow: rules, target: TokenTarget(), daemonUID: 61300, lookup: Self.lookup)
        let fits = policy.fits(Self.peer, unit: .noUnit)
        #expect(fits.map(\.ruleIndex) == [0, 1, 2])
        #expect(fits.map(\.rule) == rules)
        #expect(fits.map(\.fits) == [false, true, true])
        #expect(policy.decide(Self.peer, unit: .noUnit) == .allowed(ruleIndex: 1))
    }

    @Test(
        arguments: [
            (AllowRule(user: .name("ann"), userUnit: "sync.service"), #"{ user = "ann", user_unit = "sync.service" }"#),
            (AllowRule(user: .number(1001), group: .name("finance")), #"{ user = 1001, group = "finance" }"#),
            (
                AllowRule(
                    unit: #"a\x2db.service"#,
                    scopes: ScopeSet(["write", "read"]),
                    audiences: [#"say "x""#],
                    resources: ["urn:one", "urn:two"]
                ),
                #"{ unit = "a\\x2db.service", scopes = ["read", "write"], audiences = ["say \"x\""], "#
                    + #"resources = ["urn:one", "urn:two"] }"#
            ),
            (AllowRule(user: .name("a\u{1B}[31m\u{202E}\n")), #"{ user = "a\u001B[31m\u202E\u000A" }"#),
        ] as [(AllowRule, String)]
    )
    func `an entry is shown as it would be written`(rule: AllowRule, text: String) throws {
        #expect(rule.description == text)
    }

    @Test func `and what is shown can be read again`() throws {
        let files = try ConfigurationFiles()
        let text = #"{ user = "ann", unit = "a\\x2db.service", scopes = ["read"], resources = ["https://a.example"] }"#
        try files.write(
            """
            [clients.billing]
            client_id = "x"
            client_secret = { environment = "X" }
            token_endpoint = "https://as.example/token"
            allow = [\(text)]
            """
        )
        let client = try #require(try files.load().clients.values.first)
        #expect(client.allow?.map(\.description) == [text])
    }
}
