package import Logging
internal import OAuth2
internal import Synchronization
package import TokenStore

/// Writes what becomes of grants, and holds on to refresh tokens that the disk does not take.
///
/// An intent is stored before a refresh token is presented, which proves that its successor can be. A successor that
/// cannot be stored all the same stays in memory, and sealed in what outlives the process, until it can.
package final class GrantJournal: Sendable {
    /// How a granted refresh token was stored.
    enum Outcome: Sendable, Equatable {
        case stored(GrantCommit)

        /// It is in memory until the disk takes it.
        case unsaved
    }

    /// What came to be stored, at once or when the disk took it again.
    enum Event: Sendable {
        /// This refresh token was in memory alone, and is not any more.
        case saved(RefreshGrant)

        /// Another grant had taken its place when it came.
        case superseded(RefreshGrant)

        /// A refusal that the disk did not take at first, and the grant that is held again by it.
        case refused(RefreshGrant, reinstated: GrantID)
    }

    /// A refusal that the disk did not take.
    struct Refused: Sendable {
        let grant: RefreshGrant
        let refusal: GrantRefusal
    }

    /// A refresh token that the disk did not take, and the access token that came with it.
    struct Unsaved: Sendable {
        let grant: RefreshGrant
        let token: StoredToken?

        /// Whose place it takes, where a login brought it.
        var account = AccountReplacement.same
    }

    struct State {
        var unsaved: [GrantID: Unsaved] = [:]
        var refused: [GrantID: Refused] = [:]
        var isRetrying = false
        var delay = GrantJournal.firstDelay
        var onStored: @Sendable (Event) -> Void = { _ in }
        var timer: DeadlineTimer?
    }

    /// Longer than SQLite waits for another process's lock, shorter than callers' patience.
    private static let longestIntentWait: Duration = .seconds(6)

    /// What failed is tried again soon: until then only memory has the refresh token.
    private static let firstDelay: Duration = .seconds(1)

    private static let longestDelay: Duration = .seconds(30)

    let store: TokenStore
    let keeper: TokenKeeper
    let alarms: Alarms
    private let time: TimeSource
    private let lifeboat: GrantLifeboat

    /// A disk at work takes milliseconds; callers get the new token no later than this.
    let writePatience: Duration
    private let logger: Logger
    let state = Mutex(State())

    package init(
        store: TokenStore,
        keeper: TokenKeeper,
        alarms: Alarms,
        time: TimeSource,
        deadlines: Deadlines,
        lifeboat: GrantLifeboat,
        writePatience: Duration,
        logger: Logger
    ) {
        self.store = store
        self.keeper = keeper
        self.alarms = alarms
        self.time = time
        self.lifeboat = lifeboat
        self.writePatience = writePatience
        self.logger = logger
        let timer = deadlines.timer { [weak self] in
            guard let self else { return }
            Task { await self.retry() }
        }
        state.withLock { $0.timer = timer }
    }

    /// Calls `listener` with what comes to be stored.
    func onStored(_ listener: @escaping @Sendable (Event) -> Void) { state.withLock { $0.onStored = listener } }

    func tell(_ event: Event) { state.withLock { $0.onStored }(event) }

    // MARK: Before a request

    /// Stores the intent to present a refresh token; throws when the store takes no write, so that nothing may be sent.
    func begin(_ intent: RefreshIntent, of id: GrantID) async throws(TokenStoreError) {
        let write = Task { [store] in
            await Self.result { () async throws(TokenStoreError) in try await store.begin(intent, of: id) }
        }
        guard let outcome = await write.value(within: Self.longestIntentWait) else {
            // Should it be stored later, nothing was sent by it; a newer intent is another's.
            Task { [store] in
                if case .success = await write.value, intent.attempts == 1 {
                    try? await store.endIntent(intent, of: id)
                }
            }
            throw raised(.busy(path: store.path))
        }
        do {
            try outcome.get()
            keeper.writeSucceeded()
        } catch {
            throw raised(error)
        }
    }

    private func raised(_ error: TokenStoreError) -> TokenStoreError {
        keeper.intentRefused("no refresh token is presented while the database takes no write: \(error)")
        return error
    }

    /// Finds out whether a store that took no intent takes writes again, so that the alarm does not stand until the
    /// next rotation.
    func lookAtStore() async {
        guard keeper.isRefusingIntents else { return }
        let write = Task { [store] in
            await Self.result { () async throws(TokenStoreError) in try await store.proveWritable() }
        }
        if case .success = await write.value(within: Self.longestIntentWait) { keeper.writeSucceeded() }
    }

    /// The request was not sent, or did not spend the refresh token.
    func endIntent(_ intent: RefreshIntent, of id: GrantID) async {
        let write = Task { [store] in
            await Self.result { () async throws(TokenStoreError) in try await store.endIntent(intent, of: id) }
        }
        if case .success = await write.value(within: writePatience) { return }
        // Left open it costs one more presentation after a crash, of a token that is not spent.
        logger.write(.requestEndNotStored, ["client": "\(id.client)"])
    }

    // MARK: After a request

    /// Stores what the server granted; what the disk does not take within a second is kept in memory, and outlives a
    /// restart by the service manager.
    func commit(_ grant: RefreshGrant, token: StoredToken?, isRotated: Bool) async -> Outcome {
        let write = Task { [store] in
            await Self.result { () async throws(TokenStoreError) in try await store.commit(grant, token: token) }
        }
        return await settled(write, grant, token, isRotated: isRotated)
    }

    private func settled(
        _ write: Task<Result<GrantCommit, TokenStoreError>, Never>,
        _ grant: RefreshGrant,
        _ token: StoredToken?,
        isRotated: Bool,
        replacing account: AccountReplacement = .same
    ) async -> Outcome {
        switch await write.value(within: writePatience) {
        case .success(let commit):
            if let token { keeper.noteSaved(token) }
            keeper.writeSucceeded()
            if commit == .superseded { tell(.superseded(grant)) }
            return .stored(commit)
        case .failure(let error):
            let entry = Unsaved(grant: grant, token: token, account: account)
            keep(entry, isRotated: isRotated, because: "\(error)", isDiskFull: error.isFull)
        case nil:
            let reason = "the database has taken no write for \(writePatience.components.seconds) s"
            let entry = Unsaved(grant: grant, token: token, account: account)
            keep(entry, isRotated: isRotated, because: reason, isDiskFull: false)
            Task { [self] in if case .success(let commit) = await write.value { settle(grant, commit) } }
        }
        return .unsaved
    }

    /// Stores what a login brought, in the same way.
    func commitLogin(
        _ grant: RefreshGrant,
        token: StoredToken,
        replacing account: AccountReplacement
    ) async -> Outcome {
        let write = Task { [store] in
            await Self.result { () async throws(TokenStoreError) in
                try await store.commitLogin(grant, token: token, replacing: account)
            }
        }
        return await settled(write, grant, token, isRotated: true, replacing: account)
    }

    private func keep(
        _ entry: Unsaved,
        isRotated: Bool,
        because reason: String,
        isDiskFull: Bool
    ) {
        guard isRotated else {
            // The refresh token on the disk is good as it is; the access token is tried again with others.
            alarms.raise(.storeWriteFailed, reason)
            entry.token.map(keeper.noteUnsaved)
            return
        }
        if isDiskFull { lifeboat.makeRoom() }
        state.withLock { $0.unsaved[entry.grant.id] = entry }
        board(entry)
        let alarm =
            "the newest refresh token of \(entry.grant.id.client) is in memory alone: \(reason). Make the disk writable, and do "
            + "not stop the daemon before this alarm is over"
        // The alarm is said once, and this of each client.
        if alarms.isStanding(.grantUnsaved) { alarms.log(.grantUnsaved, alarm) }
        alarms.raise(.grantUnsaved, alarm)
        // With the room that was made, the next try may do.
        scheduleRetry(after: isDiskFull ? .zero : nil)
    }

    /// Seals it where it outlives the process.
    private func board(_ entry: Unsaved) {
        do throws(TokenStoreError) {
            lifeboat.take(try store.sealed(entry.grant, token: entry.token, replacing: entry.account))
        } catch {
            logger.write(.refreshTokenInMemory, ["reason": "\(error)"])
        }
    }

    // MARK: Until it is stored

    /// Whether a refresh token of this client is in memory alone.
    func hasUnsaved(of key: ClientGrant.Key) -> Bool { unsavedGrants.contains { ClientGrant.Key($0) == key } }

    /// Tries to store what is in memory alone, no longer than a caller would wait.
    func retryBriefly() async { _ = await Task { await retry() }.value(within: Self.longestIntentWait) }

    /// Whether some refresh token is in memory alone.
    var hasUnsaved: Bool { state.withLock { !$0.unsaved.isEmpty } }

    /// Whether this one is.
    func isUnsaved(_ grant: RefreshGrant) -> Bool {
        state.withLock { $0.unsaved[grant.id]?.grant.sequence == grant.sequence }
    }

    /// The refresh tokens that are in memory alone.
    var unsavedGrants: [RefreshGrant] { state.withLock { $0.unsaved.values.map(\.grant) } }

    func scheduleRetry(after delay: Duration? = nil) {
        let now = time.now().sinceBoot
        state.withLock { state in
            state.timer?.set(at: now + (delay ?? state.delay))
            state.delay = min(state.delay * 2, Self.longestDelay)
        }
    }

    /// Tries to store what is in memory alone.
    func retry() async {
        let (unsaved, refused) = state.withLock { state -> ([Unsaved], [Refused]) in
            guard !state.isRetrying else { return ([], []) }
            state.isRetrying = !state.unsaved.isEmpty || !state.refused.isEmpty
            return (Array(state.unsaved.values), Array(state.refused.values))
        }
        guard !unsaved.isEmpty || !refused.isEmpty else { return }
        // One that was stored meanwhile may be in use again.
        for entry in unsaved where isUnsaved(entry.grant) {
            do throws(TokenStoreError) {
                settle(entry.grant, try await commitLate(entry))
            } catch {
                if error.isFull { lifeboat.makeRoom() }
                alarms.raise(
                    .grantUnsaved,
                    "the newest refresh token of \(entry.grant.id.client) is in memory alone: \(error)"
                )
            }
        }
        for entry in refused { await retry(entry) }
        let isLeft = state.withLock { state in
            state.isRetrying = false
            return !state.unsaved.isEmpty || !state.refused.isEmpty
        }
        if isLeft { scheduleRetry() }
    }

    private func retry(_ entry: Refused) async {
        do throws(TokenStoreError) {
            refusalStored(entry.grant, reinstated: try await store.refuse(entry.grant.id, entry.refusal))
        } catch {
            alarms.raise(.storeWriteFailed, "\(error)")
        }
    }

    /// The client was logged out: nothing of it is to be stored any more.
    func forget(_ key: ClientGrant.Key) {
        let ended = state.withLock { state -> [RefreshGrant] in
            let ended = state.unsaved.values.map(\.grant).filter { ClientGrant.Key($0) == key }
            for grant in ended { state.unsaved[grant.id] = nil }
            state.refused = state.refused.filter { ClientGrant.Key($0.value.grant) != key }
            return ended
        }
        if !ended.isEmpty, !hasUnsaved { everythingIsSaved() }
    }

    /// Stores what the disk did not take at first.
    private func commitLate(_ entry: Unsaved) async throws(TokenStoreError) -> GrantCommit {
        let grant = entry.grant
        // No refresh token that followed another is the first of its lineage.
        if grant.sequence == 1 {
            return try await store.commitLogin(grant, token: entry.token, replacing: entry.account)
        }
        let commit = try await store.commit(grant, token: entry.token)
        guard commit == .superseded, store.salvage != nil else { return commit }
        do throws(TokenStoreError) {
            // What it followed was lost with the damaged database; unless a login took its place, it is all there is.
            try await store.setStanding(.held, of: grant.id)
            return .held
        } catch {
            guard case .failed = error else { throw error }
            return .superseded
        }
    }

    /// The disk has it.
    private func settle(_ grant: RefreshGrant, _ commit: GrantCommit) {
        let (wasUnsaved, isLast) = state.withLock { state in
            let wasUnsaved = state.unsaved[grant.id]?.grant.sequence == grant.sequence
            if wasUnsaved { state.unsaved[grant.id] = nil }
            return (wasUnsaved, wasUnsaved && state.unsaved.isEmpty)
        }
        guard wasUnsaved else { return }
        logger.write(.refreshTokenSaved, ["client": "\(grant.id.client)"])
        tell(commit == .superseded ? .superseded(grant) : .saved(grant))
        if isLast { everythingIsSaved() }
    }

    private func everythingIsSaved() {
        lifeboat.empty()
        let others = state.withLock { state in
            state.delay = Self.firstDelay
            return Array(state.unsaved.values)
        }
        // One that came in between is not to go with the others.
        for entry in others { board(entry) }
        guard others.isEmpty else { return }
        alarms.clear(.grantUnsaved)
        keeper.writeSucceeded()
    }

    /// Stores what an earlier run of the daemon could not, handed over by the service manager; call once, at the start.
    package func recover() async {
        var isEveryoneKnown = true
        for sealed in lifeboat.passengers() {
            guard let (grant, token, account) = store.opened(sealed) else {
                isEveryoneKnown = false
                logger.write(.refreshTokenNotOpened)
                continue
            }
            let entry = Unsaved(grant: grant, token: token, account: account)
            do throws(TokenStoreError) {
                let commit = try await commitLate(entry)
                state.withLock { _ = $0.unsaved.removeValue(forKey: grant.id) }
                logger.write(.refreshTokenRecovered, ["client": "\(grant.id.client)", "outcome": "\(commit)"])
            } catch {
                state.withLock { $0.unsaved[grant.id] = entry }
                alarms.raise(
                    .grantUnsaved,
                    "the newest refresh token of \(grant.id.client) is in memory alone: \(error)"
                )
            }
        }
        if hasUnsaved {
            scheduleRetry()
        } else if isEveryoneKnown {
            lifeboat.empty()
        }
    }

    /// Tries to store what is in memory alone until that is done, no longer than `time`.
    ///
    /// It goes on when whoever waits is cancelled, since what is unsaved may be lost with the process.
    package func finish(within time: Duration) async { await Task { await waitUntilSaved(within: time) }.value }

    private func waitUntilSaved(within time: Duration) async {
        guard hasUnsaved else { return }
        let clock = ContinuousClock()
        let end = clock.now + time
        while hasUnsaved, clock.now < end {
            // A disk that stalls may never end it.
            _ = await Task { await retry() }.value(within: end - clock.now)
            guard hasUnsaved else { return }
            try? await Task.sleep(for: Self.firstDelay)
        }
    }
}
