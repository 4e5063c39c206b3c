internal import LinuxHost
package import OAuth2
internal import Synchronization
internal import TokenLifecycle
package import TokenStore

/// The configured clients by name; replaced as a whole at a reload.
package final class ClientDirectory: Sendable {
    /// One configuration's clients.
    package struct Snapshot: Sendable {
        package let clients: [String: Client]
        /// Whether any rule looks at the caller's unit; then it is resolved for all, so that time tells nothing.
        package let needsUnit: Bool

        /// The policy with the most rules.
        let longestPolicy: AccessPolicy
        /// The clients in name order, brought into it once: every caller may ask which it may use.
        package let inOrder: [Client]

        package init(clients: [String: Client] = [:]) {
            self.clients = clients
            needsUnit = clients.values.contains { $0.accessPolicy.needsUnit }
            let longest = clients.values.map(\.accessPolicy).max { $0.ruleCount < $1.ruleCount }
            longestPolicy = longest ?? AccessPolicy.none
            inOrder = clients.values.sorted { $0.name < $1.name }
        }
    }

    /// What a reload changed, in client names.
    package struct Difference: Sendable, Equatable {
        package var added: [ClientName] = []
        package var removed: [ClientName] = []
        package var changed: [ClientName] = []
        package var unchanged: [ClientName] = []
    }

    private let current = Mutex(Snapshot())
    private let callers = Mutex(CallerIndex([]))

    package init() {}

    /// The clients that may have a rule for the caller, in name order.
    func candidates(for peer: PeerIdentity, unit: UnitFinding) -> [Client] {
        callers.withLock { $0 }.candidates(for: peer, unit: unit)
    }

    /// Makes the index of callers anew: names were looked up.
    func indexCallers() {
        // Read under the lock, so that of two at once the later has the later clients.
        callers.withLock { $0 = CallerIndex(snapshot.inOrder) }
    }

    /// The clients now.
    package var snapshot: Snapshot { current.withLock { $0 } }

    /// Puts the clients of `configurations` in place; those that did not change keep their slots as they are.
    ///
    /// - Parameter stored: The tokens of the database by client, for clients that are new here.
    package func replace(
        with configurations: [ClientConfiguration],
        stored: [String: SealedTokens],
        access: (ClientConfiguration) -> AccessPolicy,
        surroundings: Surroundings
    ) -> Difference {
        let before = snapshot
        var clients: [String: Client] = [:]
        clients.reserveCapacity(configurations.count)
        var difference = Difference()
        var started: [Client] = []
        var ended: [Client] = []
        var reconsidered: [Client] = []
        for configuration in configurations {
            let name = configuration.name
            let old = before.clients[name.value]
            let policy = access(configuration)
            if let old, let isChanged = old.takeAllow(of: configuration, as: policy) {
                if isChanged {
                    difference.changed.append(name)
                    reconsidered.append(old)
                } else {
                    difference.unchanged.append(name)
                }
                clients[name.value] = old
                continue
            }
            var kept = stored[name.value].map(SlotMemories.sealed) ?? .none
            if let old {
                difference.changed.append(name)
                if old.configuration.tokenSource == configuration.tokenSource { kept = .known(old.memories()) }
                ended.append(old)
            } else {
                difference.added.append(name)
            }
            let client = Client(
                configuration: configuration,
                access: policy,
                kept: kept,
                surroundings: surroundings
            )
            clients[name.value] = client
            started.append(client)
        }
        for (name, client) in before.clients where clients[name] == nil {
            difference.removed.append(client.name)
            ended.append(client)
        }
        difference.removed.sort()
        let after = Snapshot(clients: clients)
        current.withLock { $0 = after }
        surroundings.accessEpoch.advance()
        indexCallers()
        for client in ended { client.removed() }
        for client in reconsidered { client.reconsiderWaits() }
        for client in started { client.start() }
        return difference
    }
}
