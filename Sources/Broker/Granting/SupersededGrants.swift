internal import Logging
internal import OAuth2
internal import Synchronization
internal import TokenStore

/// Refresh tokens that came when another grant had taken their place: revoked as soon as their servers do it.
final class SupersededGrants: Sendable {
    private struct State {
        var grants: [ClientGrant.Key: [RefreshGrant]] = [:]

        /// The clients that are in force.
        var clients: [Client] = []
        var isRevoking = false

        /// The time since boot before which nothing is tried again.
        var due: Duration = .zero
    }

    /// A server that does not revoke now is asked again no sooner.
    private static let interval: Duration = .seconds(3_600)

    private let store: TokenStore
    private let exchanges: TokenExchanges
    private let time: TimeSource
    private let logger: Logger
    private let state = Mutex(State())

    init(store: TokenStore, exchanges: TokenExchanges, time: TimeSource, logger: Logger) {
        self.store = store
        self.exchanges = exchanges
        self.time = time
        self.logger = logger
    }

    /// One more.
    func add(_ grant: RefreshGrant) {
        state.withLock { state in
            state.grants[ClientGrant.Key(grant), default: []].append(grant)
            state.due = .zero
        }
        revoke()
    }

    /// Those of a client, which are not revoked any more by this.
    func take(_ key: ClientGrant.Key) -> [RefreshGrant] {
        state.withLock { $0.grants.removeValue(forKey: key) ?? [] }
    }

    /// Others are in force.
    func setClients(_ clients: [Client]) { state.withLock { $0.clients = clients } }

    /// Revokes what there is, as far as its client is in force and it is time.
    func revoke() {
        let now = time.now().sinceBoot
        let due = state.withLock { state -> [(RefreshGrant, ClientConfiguration)] in
            guard !state.isRevoking, !state.grants.isEmpty, state.due <= now else { return [] }
            let due = state.clients.flatMap { client in
                (client.grant.flatMap { state.grants[$0.key] } ?? []).map { ($0, client.configuration) }
            }
            guard !due.isEmpty else { return [] }
            state.due = now + Self.interval
            state.isRevoking = true
            return due
        }
        guard !due.isEmpty else { return }
        Task {
            for (grant, configuration) in due { await revoke(grant, of: configuration) }
            state.withLock { $0.isRevoking = false }
        }
    }

    private func revoke(_ grant: RefreshGrant, of configuration: ClientConfiguration) async {
        do {
            let isRevoked = try await exchanges.revoke(grant.refreshToken, of: configuration)
            try await store.removeGrant(grant.id)
            state.withLock { $0.grants[ClientGrant.Key(grant)]?.removeAll { $0.id == grant.id } }
            logger.write(isRevoked ? .supersededRevoked : .supersededDeleted, ["client": "\(grant.id.client)"])
        } catch {
            logger.write(.supersededNotRevoked, ["client": "\(grant.id.client)"])
        }
    }
}
