import Broker
import LinuxHost
import LocalAPI
import LocalServer
import MockAuthorizationServer
import OAuth2
import Testing

/// What rules ask of callers and this process cannot tell.
@Suite(.timeLimit(.minutes(5))) struct IdentityLimitsTests {
    private static let unit = AllowRule(unit: "a.service")
    private static let ann = AllowRule(user: .number(1001))
    private static let finance = AllowRule(group: .number(2001))
    private static let daemonUID: UInt32 = 900

    private func warnings(
        _ rules: [String: [AllowRule]?],
        _ view: HostView,
        legacyPeerCheck: Bool = false
    ) -> [String] {
        let policies = rules.mapValues { allow in
            AccessPolicy(
                allow: allow,
                target: TokenTarget(),
                daemonUID: Self.daemonUID,
                lookup: PrincipalLookup(uid: { _ in nil }, gid: { _ in nil })
            )
        }
        return IdentityLimits(policies, view: view, legacyPeerCheck: legacyPeerCheck).warnings
    }

    @Test func `nothing is said where all can be told, or where no rule asks`() {
        let rules: [String: [AllowRule]?] = ["a": [Self.unit], "b": [Self.ann, Self.finance], "c": nil]
        #expect(warnings(rules, HostView()).isEmpty)
        #expect(warnings(rules, HostView(), legacyPeerCheck: true).isEmpty)
        let blind = HostView(namesPeerProcesses: false, cgroupObstacle: .processesHidden)
        #expect(warnings(["b": [Self.ann, Self.finance], "c": nil], blind).isEmpty)
        #expect(warnings([:], HostView(users: IDMap(""), groups: IDMap(""))).isEmpty)
    }

    @Test(arguments: [(false, "refuse everybody"), (true, "go by process numbers")])
    func `an old kernel, with and without the check of numbers`(legacyPeerCheck: Bool, told: String) {
        let view = HostView(namesPeerProcesses: false)
        let warnings = warnings(["b": [Self.unit], "a": [Self.unit]], view, legacyPeerCheck: legacyPeerCheck)
        #expect(warnings.count == 1)
        #expect(warnings.first?.hasPrefix("the unit rules of a, b \(told)") == true)
    }

    @Test(arguments: CgroupObstacle.allCases)
    func `cgroups that cannot be seen`(obstacle: CgroupObstacle) {
        let warnings = warnings(["a": [Self.unit], "b": [Self.ann]], HostView(cgroupObstacle: obstacle))
        #expect(warnings.count == 1)
        #expect(warnings.first?.hasPrefix("the unit rules of a refuse everybody: ") == true)
    }

    @Test func `users and groups that the user namespace does not have`() {
        let view = HostView(users: IDMap("0 0 1\n900 900 1"), groups: IDMap("0 0 65536"))
        #expect(warnings(["a": [AllowRule(user: .number(0))], "b": nil], view).isEmpty)
        #expect(
            warnings(["a": [Self.ann], "b": [AllowRule(user: .number(5), unit: "a.service"), Self.finance]], view) == [
                "the rules of a, b miss callers: the daemon is in a user namespace without user 5, 1001; run it in the one of its callers, without PrivateUsers="
            ]
        )
        let groups = HostView(groups: IDMap("0 0 1"))
        #expect(
            warnings(["a": [Self.ann, Self.finance]], groups) == [
                "the rules of a miss callers: the daemon is in a user namespace without group 2001; run it in the one of its callers, without PrivateUsers="
            ]
        )
    }

    @Test func `root and the daemon's own user too, where there are no rules`() {
        let warnings = warnings(["a": nil], HostView(users: IDMap("900 900 1")))
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("without user 0;") == true)
    }

    @Test func `many clients are cut short`() {
        let rules = Dictionary(uniqueKeysWithValues: (1...7).map { ("c\($0)", [Self.unit] as [AllowRule]?) })
        let warnings = warnings(rules, HostView(namesPeerProcesses: false))
        #expect(warnings.first?.hasPrefix("the unit rules of c1, c2, c3, c4, c5, … refuse") == true)
    }

    @Test func `the status says it from the start, the log once, and both when it changes`() async throws {
        try await withBroker { rig in
            rig.host.set(HostView(namesPeerProcesses: false))
            let text = rig.client("billing", #"allow = [{ unit = "a.service" }]"#)
            try rig.start(text)
            let problem = "Rules ask of callers what cannot be told"
            func logged() -> Int { rig.log.lines.count { $0.contains(problem) } }
            #expect(try rig.status.warnings.map { $0.contains("refuse everybody") } == [true])
            rig.advance(by: .seconds(180))
            #expect(logged() == 1)
            _ = try await rig.reload("[daemon]\nlegacy_peer_check = true\n\(text)")
            #expect(try rig.status.warnings.map { $0.contains("go by process numbers") } == [true])
            #expect(rig.broker.namedCallers.legacyPeerCheck)
            #expect(logged() == 2)
            rig.host.set(HostView())
            rig.advance(by: .seconds(60))
            #expect(try rig.status.warnings == [])
            // No alarm, since nothing but these rules is concerned.
            #expect(try rig.answer("/readyz", on: .admin).status == 200)
        }
    }
}
