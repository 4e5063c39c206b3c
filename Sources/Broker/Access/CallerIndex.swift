internal import LinuxHost

/// Which clients may have a rule for a caller, so that a stranger who asks for all of his costs nothing.
///
/// A rule holds when all its keys do, so that one of them is enough to find it by.
struct CallerIndex: Sendable {
    /// What a rule is found by.
    enum Anchor: Sendable, Hashable {
        case user(UInt32)
        case group(UInt32)
        case unit(SystemdUnit)

        /// No `allow`.
        case byDefault
    }

    private var clients: [Anchor: [Client]] = [:]

    init(_ all: some Collection<Client>) {
        for client in all {
            for anchor in client.accessPolicy.anchors { clients[anchor, default: []].append(client) }
        }
    }

    /// Each client once, in the order of their names.
    func candidates(for peer: PeerIdentity, unit: UnitFinding) -> [Client] {
        var anchors: Set<Anchor> = [.user(peer.uid), .group(peer.gid), .byDefault]
        anchors.formUnion(peer.groups.map(Anchor.group))
        if let unit = unit.unit { anchors.insert(.unit(unit)) }
        let found = anchors.compactMap { clients[$0] }
        if found.count == 1 { return found[0] }
        let byName = Dictionary(found.joined().map { ($0.name, $0) }) { first, _ in first }
        return byName.values.sorted { $0.name < $1.name }
    }
}

extension AccessPolicy {
    /// By what its rules are found; nothing for those that fit nobody.
    var anchors: Set<CallerIndex.Anchor> {
        guard hasRules else { return [.byDefault] }
        return Set(rules.compactMap(\.anchor))
    }
}

extension ResolvedRule {
    fileprivate var anchor: CallerIndex.Anchor? {
        switch (user, group) {
        case (.number(let uid), _): .user(uid)
        case (.anybody, .number(let gid)): .group(gid)
        case (.anybody, .anybody): rule.unit.map { .unit(.system($0)) }
        default: nil
        }
    }
}
