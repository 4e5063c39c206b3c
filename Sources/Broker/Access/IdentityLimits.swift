package import LinuxHost
internal import OAuth2

/// What some rule needs to know of callers and this process cannot tell, so that the rule refuses.
package struct IdentityLimits: Sendable, Hashable {
    /// One sentence each with what to do.
    package let warnings: [String]

    /// Of the policies by their clients' names, seen with `view`.
    package init(_ policies: [String: AccessPolicy], view: HostView, legacyPeerCheck: Bool) {
        var warnings: [String] = []
        let needUnit = policies.filter { $0.value.needsUnit }.map(\.key)
        if !needUnit.isEmpty {
            let rules = "the unit rules of \(Self.list(needUnit))"
            if !view.namesPeerProcesses { warnings.append(Self.kernelWarning(of: rules, legacyPeerCheck)) }
            if let obstacle = view.cgroupObstacle { warnings.append("\(rules) refuse everybody: \(obstacle.problem)") }
        }
        warnings += Self.mapWarnings(policies, view)
        self.warnings = warnings
    }

    /// Of a configuration that another process than this is to run with: the kernel alone is the same for both.
    package init(_ configuration: Configuration, view: HostView) {
        let needUnit = configuration.clients.values.filter { client in
            (client.allow ?? []).contains(where: \.needsUnit)
        }
        let names = needUnit.map(\.name.value)
        warnings =
            names.isEmpty || view.namesPeerProcesses
            ? []
            : [Self.kernelWarning(of: "the unit rules of \(Self.list(names))", configuration.daemon.legacyPeerCheck)]
    }

    private static func kernelWarning(of rules: String, _ legacyPeerCheck: Bool) -> String {
        let reason = "this kernel does not say which process connected (SO_PEERPIDFD, Linux 6.5)"
        return legacyPeerCheck
            ? "\(rules) go by process numbers, which can come to mean another process, since \(reason); "
                + "run a newer kernel"
            : "\(rules) refuse everybody: \(reason); run a newer kernel, or set daemon.legacy_peer_check = true to "
                + "go by process numbers"
    }

    /// Numbers that no caller can be seen to have.
    private static func mapWarnings(_ policies: [String: AccessPolicy], _ view: HostView) -> [String] {
        let kinds: [(String, IDMap, (AccessPolicy) -> Set<UInt32>)] = [
            ("user", view.users, \.knownUsers), ("group", view.groups, \.knownGroups),
        ]
        return kinds.compactMap { kind, map, known in
            guard !map.isWhole else { return nil }
            let unmapped = policies.mapValues { known($0).filter { !map.contains($0) } }.filter { !$0.value.isEmpty }
            guard !unmapped.isEmpty else { return nil }
            let numbers = Set(unmapped.values.joined()).sorted()
            return "the rules of \(list(Array(unmapped.keys))) miss callers: the daemon is in a user namespace without "
                + "\(kind) \(list(numbers.map(String.init))); run it in the one of its callers, without PrivateUsers="
        }
    }

    /// More names would not be read.
    private static let maximumNames = 5

    private static func list(_ names: [String]) -> String {
        // Numbers come in their own order.
        let ordered = names.allSatisfy { UInt32($0) != nil } ? names : names.sorted()
        return ordered.prefix(maximumNames).joined(separator: ", ") + (names.count > maximumNames ? ", …" : "")
    }
}

extension AllowRule {
    /// Whether it asks for the caller's unit.
    var needsUnit: Bool { unit != nil || userUnit != nil }
}

extension CgroupObstacle {
    /// What is in the way, and what to do.
    fileprivate var problem: String {
        switch self {
        case .noProc: "there is no /proc; mount it"
        case .processesHidden:
            "/proc hides other users' processes from the daemon (hidepid=, ProtectProc=); run it without"
        case .noUnifiedHierarchy:
            "this machine has no unified cgroup hierarchy; boot it with systemd.unified_cgroup_hierarchy=1"
        case .cgroupNamespace:
            "the daemon is in a cgroup namespace of its own; run it in its callers', without ProtectControlGroups=private"
        }
    }
}
