internal import LocalAPI
package import Logging
internal import OAuth2
internal import Synchronization
internal import TokenLifecycle
package import TokenStore

/// Every grant the broker holds, of clients that are configured and of clients that were.
package final class GrantRegistry: Sendable {
    /// A removed client's grant is kept for whoever removed it by mistake.
    package static let retention: Duration = .seconds(30 * 86_400)

    private struct State {
        var grants: [ClientGrant.Key: ClientGrant] = [:]

        /// What another account's login took the place of, while that login is in memory alone.
        var outlived: [GrantID: [RefreshGrant]] = [:]

        /// The lineages of each grant that are stored.
        var stored: [ClientGrant.Key: Set<GrantID>] = [:]

        /// What is stored of clients that come and go, one after the other.
        var latestWrite: Task<Void, Never>?
    }

    private let store: TokenStore
    private let journal: GrantJournal
    private let time: TimeSource
    private let environment: [String: String]
    private let logger: Logger
    private let superseded: SupersededGrants
    private let removed: RemovedGrants
    private let state = Mutex(State())

    package init(
        store: TokenStore,
        journal: GrantJournal,
        exchanges: TokenExchanges,
        time: TimeSource,
        environment: [String: String],
        logger: Logger
    ) {
        self.store = store
        self.journal = journal
        self.time = time
        self.environment = environment
        self.logger = logger
        superseded = SupersededGrants(store: store, exchanges: exchanges, time: time, logger: logger)
        removed = RemovedGrants(exchanges: exchanges, time: time, logger: logger)
        journal.onStored { [weak self] in self?.stored($0) }
    }

    // MARK: What the store had

    /// Takes what the store kept; what is in memory alone takes the place of what it followed.
    package func restore(_ stored: [StoredGrant]) {
        // Of several of one client the last counts: what is held, before what is restored, before what was refused.
        let ranked = stored.enumerated().sorted { left, right in
            (left.element.standing.rank, left.offset) < (right.element.standing.rank, right.offset)
        }
        for (_, entry) in ranked {
            let key = ClientGrant.Key(entry.grant)
            state.withLock { _ = $0.stored[key, default: []].insert(entry.grant.id) }
            if entry.standing == .superseded {
                superseded.add(entry.grant)
            } else {
                grant(key).restored(entry.grant, standing: entry.standing, intent: entry.intent)
            }
        }
        for unsaved in journal.unsavedGrants {
            let grant = grant(ClientGrant.Key(unsaved))
            // A login that was stored meanwhile is not undone.
            let stored = grant.report().grant
            // But one that the disk did not take is newer than all that it has.
            let isLogin = unsaved.sequence == 1 && stored?.id != unsaved.id
            guard isLogin || stored.map({ $0.id == unsaved.id && $0.sequence < unsaved.sequence }) ?? true else {
                continue
            }
            grant.restored(unsaved, standing: .held, intent: nil)
            grant.saveFailed(unsaved)
        }
    }

    private func stored(_ event: GrantJournal.Event) {
        switch event {
        case .saved(let grant): self.saved(grant)
        case .superseded(let grant): superseded.add(grant)
        case .refused(let grant, let reinstated):
            self.grant(ClientGrant.Key(grant)).reinstated(reinstated, after: grant.id)
        }
    }

    private func saved(_ grant: RefreshGrant) {
        let outlived = state.withLock { state in
            state.stored[ClientGrant.Key(grant), default: []].insert(grant.id)
            return state.outlived.removeValue(forKey: grant.id) ?? []
        }
        for other in outlived { superseded.add(other) }
        self.grant(ClientGrant.Key(grant)).saved(grant)
    }

    /// The grant of that name, made when it is asked for the first time.
    private func grant(_ key: ClientGrant.Key, policy: GrantPolicy = GrantPolicy()) -> ClientGrant {
        state.withLock { state in
            if let grant = state.grants[key] { return grant }
            let absence = TokenEndpointFailure(.loginRequired, .noRefreshToken)
            let grant = ClientGrant(key: key, policy: policy, absence: absence, time: time)
            state.grants[key] = grant
            return grant
        }
    }

    // MARK: Clients

    /// The grant of a client as it is configured; nil for a client that presents nothing that is kept.
    func grant(of configuration: ClientConfiguration) -> ClientGrant? {
        guard configuration.grant.isKept else { return nil }
        return grant(configuration.grantKey, policy: configuration.grantPolicy)
    }

    /// `clients` are in force: other clients' grants are kept for a while, and these clients' are not given up.
    ///
    /// - Parameter ended: Clients that are in force no more, or in another form: where they say so, a grant that is nobody's
    ///   by now is revoked.
    func reloaded(_ clients: [Client], ended: [Client] = []) {
        let inForce = Set(clients.compactMap { $0.grant?.key })
        let (used, unused, idle) = state.withLock { state in
            (
                state.stored.filter { inForce.contains($0.key) }.values.reduce(into: Set()) { $0.formUnion($1) },
                state.stored.filter { !inForce.contains($0.key) }.values.reduce(into: Set()) { $0.formUnion($1) },
                state.grants.filter { !inForce.contains($0.key) }.map(\.value)
            )
        }
        for grant in idle { grant.detach() }
        superseded.setClients(clients)
        superseded.revoke()
        removed.keep(inForce)
        for client in ended where client.configuration.revokeOnRemoval {
            if let grant = client.grant, !inForce.contains(grant.key) { removed.add(grant, of: client.configuration) }
        }
        removed.revoke(in: self)
        let since = time.now().sinceEpoch
        state.withLock { state in
            state.latestWrite = Task { [before = state.latestWrite] in
                await before?.value
                await store(used: used, unused: unused, since: since)
            }
        }
    }

    private func store(used: Set<GrantID>, unused: Set<GrantID>, since: Duration) async {
        do throws(TokenStoreError) {
            // Before anything is deleted, and whatever the store said of them so far.
            try await store.setUnconfigured(used, since: nil)
            try await store.setUnconfigured(unused, since: since)
            let count = try await store.removeGrants(unconfiguredBefore: since - Self.retention)
            if count > 0 {
                logger.write(.oldGrantsDeleted, ["count": "\(count)"])
            }
        } catch {
            logger.write(.removalNotStored, ["reason": "\(error)"])
        }
    }

    /// Revokes what came when another had taken its place, and what removed clients leave, when it is time.
    func revokeDue() {
        superseded.revoke()
        removed.revoke(in: self)
    }

    // MARK: First refresh tokens

    /// Takes first refresh tokens over.
    var firstTokens: FirstTokens {
        FirstTokens(store: store, journal: journal, time: time, environment: environment, logger: logger) { grant in
            self.state.withLock { _ = $0.stored[ClientGrant.Key(grant), default: []].insert(grant.id) }
        }
    }

    // MARK: Logins

    /// Stores what a login brought, then serves it; in the grant's turn. False when it is in memory alone as yet.
    func take(
        _ new: RefreshGrant,
        _ kept: KeptToken,
        of slot: TokenSlot,
        replacing account: AccountReplacement,
        for grant: ClientGrant
    ) async -> Bool {
        let outcome = await journal.commitLogin(new, token: slot.stored(kept), replacing: account)
        state.withLock { _ = $0.stored[grant.key, default: []].insert(new.id) }
        CrashPoint.loginCommitted.reached()
        let before = grant.loggedIn(new, kept, for: slot.id.target, replacing: account)
        guard case .unsaved = outcome else {
            for other in before { superseded.add(other) }
            return true
        }
        // Were they revoked now, a crash could leave neither account.
        state.withLock { $0.outlived[new.id] = before }
        grant.saveFailed(new)
        // The disk may have taken it between the two.
        if !journal.isUnsaved(new) { saved(new) }
        return false
    }

    /// Whether a refresh token of this client is in memory alone, whatever is done about it for a moment.
    func isUnsaved(_ grant: ClientGrant) async -> Bool {
        if journal.hasUnsaved(of: grant.key) { await journal.retryBriefly() }
        return journal.hasUnsaved(of: grant.key)
    }

    // MARK: The operator

    /// The operator says that the restored grant was used by nobody since the backup.
    func trust(_ grant: ClientGrant) async throws(TokenStoreError) {
        let outcome = await grant.withTurn { () async -> Result<Void, TokenStoreError> in
            guard let id = grant.report().grant?.id, grant.report().standing == .restored else { return .success(()) }
            do throws(TokenStoreError) {
                try await store.setStanding(.held, of: id)
            } catch {
                return .failure(error)
            }
            grant.trusted()
            return .success(())
        }
        try outcome.get()
    }

    /// What a logout revokes besides the grant itself: what it replaced, and what it superseded.
    func relatives(of grant: ClientGrant) -> [RefreshGrant] {
        let outlived = state.withLock { state -> [RefreshGrant] in
            let ids = state.outlived.filter { $0.value.contains { ClientGrant.Key($0) == grant.key } }.keys
            return ids.flatMap { state.outlived.removeValue(forKey: $0) ?? [] }
        }
        return grant.replacedGrants + outlived + superseded.take(grant.key)
    }

    /// Forgets the grant with all that it replaced, and what they brought; in its turn.
    func forget(_ grant: ClientGrant, because fault: LocalFault = .loggedOut) async throws(TokenStoreError) {
        // What was revoked is not presented, whatever the store says.
        grant.forgotten(TokenEndpointFailure(.loginRequired, fault))
        journal.forget(grant.key)
        let key = grant.key
        try await store.forget(key.client, clientID: key.clientID, tokenEndpoint: key.tokenEndpoint)
        state.withLock { $0.stored[key] = nil }
    }
}

extension GrantStanding {
    /// How much it counts beside others of its client.
    fileprivate var rank: Int {
        switch self {
        case .superseded, .replaced: 0
        case .refused: 1
        case .restored: 2
        case .held: 3
        }
    }
}

extension ClientGrant.Key {
    init(_ grant: RefreshGrant) {
        self.init(client: grant.id.client, clientID: grant.clientID, tokenEndpoint: grant.tokenEndpoint)
    }
}

extension ClientConfiguration {
    /// Whose grant a stored one must be to be this client's.
    var grantKey: ClientGrant.Key {
        ClientGrant.Key(client: name, clientID: clientID, tokenEndpoint: endpoint.url.text)
    }

    /// How long its refresh tokens live, and whether presenting one spends it.
    var grantPolicy: GrantPolicy {
        GrantPolicy(lifetime: refreshTokenLifetime, idle: refreshTokenIdle, isRotating: rotation != .never)
    }
}
