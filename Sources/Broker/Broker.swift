package import LinuxHost
package import LocalAPI
package import LocalServer
package import Logging
internal import OAuth2
internal import Synchronization
package import TokenEndpoint
package import TokenStore

/// Everything between the two sockets and the authorization servers, without the process around it.
package final class Broker: Sendable {
    /// What a broker is given; the process makes it, and so do tests.
    package struct Parts: Sendable {
        package var version: String
        package var store: TokenStore
        package var endpoint: TokenEndpointClient
        package var lifeboat: GrantLifeboat
        package var time: TimeSource
        package var deadlines: Deadlines
        package var lookup: PrincipalLookup
        package var daemonUID: UInt32
        package var environment: [String: String]
        package var logger: Logger
        /// How much of its callers the process can tell.
        package var hostView: @Sendable () -> HostView
        /// Draws from -1...1.
        package var jitter: @Sendable () -> Double
        /// Runs what may take as long as a name service or a network file system does, beside the deadlines.
        package var aside: @Sendable (@escaping @Sendable () -> Void) -> Void
        /// How long who has a token for a caller waits for the disk to take it.
        package var writePatience: Duration

        package init(
            version: String,
            store: TokenStore,
            endpoint: TokenEndpointClient,
            lifeboat: GrantLifeboat,
            time: TimeSource,
            deadlines: Deadlines,
            lookup: PrincipalLookup,
            daemonUID: UInt32,
            environment: [String: String],
            logger: Logger,
            hostView: @escaping @Sendable () -> HostView = { HostView() },
            jitter: @escaping @Sendable () -> Double = { .random(in: -1...1) },
            aside: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void = { $0() },
            writePatience: Duration = TokenKeeper.writePatience
        ) {
            self.version = version
            self.store = store
            self.endpoint = endpoint
            self.lifeboat = lifeboat
            self.time = time
            self.deadlines = deadlines
            self.lookup = lookup
            self.daemonUID = daemonUID
            self.environment = environment
            self.logger = logger
            self.hostView = hostView
            self.jitter = jitter
            self.aside = aside
            self.writePatience = writePatience
        }
    }

    private static let minute: Duration = .seconds(60)

    /// Often enough that a user added while the daemon runs gets in, off the hot path.
    private static let nameLookupInterval: Duration = .seconds(60)

    /// What the log takes beside `TroubleWatch`; each is told days ahead, and the others are in the next rounds.
    static let warningsPerRound = 100

    /// Often enough that a replaced secret file counts at once for the one who replaced it.
    private static let secretWatchInterval: Duration = .seconds(5)

    package let alarms: Alarms
    package let metrics = BrokerMetrics()

    let parts: Parts
    let directory = ClientDirectory()
    let surroundings: Surroundings
    private let requests: TokenRequests
    let exchanges: TokenExchanges
    let keeper: TokenKeeper
    package let journal: GrantJournal
    package let grants: GrantRegistry
    let budgets: ServerBudgets
    let operators: Operators
    let trail: AuditTrail
    let eventStreams: EventStreams
    let logins: Logins
    let diagnoser: Diagnoser
    let waiting = WaitingRegister()
    let rejectionBudget = RejectionBudget()
    let watchers: Watchers
    private let troubles: TroubleWatch
    let adminGroup = Mutex<Principal?>(nil)
    let legacyPeerCheck = Mutex(false)
    let identity: IdentityWatch
    let namesLookedUp = Mutex<@Sendable () -> Void>({})
    let watchedFiles = Mutex<[WatchedFile]>([])
    let maintenance = Mutex<StoreMaintenance?>(nil)
    private let housekeeping = Mutex<[DeadlineTimer]>([])
    let reload = Mutex<@Sendable () async -> Result<ReloadDocument, APIError>>({
        .failure(APIError(.serverError, "this broker has no configuration file"))
    })

    package init(_ parts: Parts) {
        self.parts = parts
        alarms = Alarms(time: parts.time, logger: parts.logger)
        budgets = ServerBudgets(time: parts.time, deadlines: parts.deadlines)
        keeper = TokenKeeper(store: parts.store, alarms: alarms, writePatience: parts.writePatience)
        journal = GrantJournal(
            store: parts.store,
            keeper: keeper,
            alarms: alarms,
            time: parts.time,
            deadlines: parts.deadlines,
            lifeboat: parts.lifeboat,
            writePatience: parts.writePatience,
            logger: parts.logger
        )
        let choices = SecretChoices()
        exchanges = TokenExchanges(
            endpoint: parts.endpoint,
            budgets: budgets,
            metrics: metrics,
            time: parts.time,
            environment: parts.environment,
            choices: choices,
            jitter: parts.jitter,
            logger: parts.logger
        )
        grants = GrantRegistry(
            store: parts.store,
            journal: journal,
            exchanges: exchanges,
            time: parts.time,
            environment: parts.environment,
            logger: parts.logger
        )
        let refreshes = RefreshRequests(
            exchanges: exchanges,
            journal: journal,
            time: parts.time,
            jitter: parts.jitter,
            logger: parts.logger
        )
        requests = TokenRequests(
            exchanges: exchanges,
            refreshes: refreshes,
            keeper: keeper,
            budgets: budgets,
            time: parts.time
        )
        let changes = Changes()
        surroundings = Surroundings(
            time: parts.time,
            deadlines: parts.deadlines,
            requests: requests,
            keeper: keeper,
            grants: grants,
            choices: choices,
            changes: changes,
            metrics: metrics,
            environment: parts.environment,
            logger: parts.logger,
            jitter: parts.jitter
        )
        identity = IdentityWatch(view: parts.hostView, logger: parts.logger)
        operators = Operators(daemonUID: parts.daemonUID, group: nil)
        trail = AuditTrail(time: parts.time, logger: parts.logger)
        eventStreams = EventStreams(trail: trail, operators: operators, time: parts.time, deadlines: parts.deadlines)
        diagnoser = Diagnoser(
            version: parts.version,
            exchanges: exchanges,
            budgets: budgets,
            surroundings: surroundings
        )
        logins = Logins(
            directory: directory,
            parts: LoginParts(
                exchanges: exchanges,
                redemption: LoginRedemption(
                    exchanges: exchanges,
                    registry: grants,
                    keeper: keeper,
                    time: parts.time,
                    logger: parts.logger
                ),
                operators: operators,
                time: parts.time,
                deadlines: parts.deadlines,
                logger: parts.logger
            )
        )
        watchers = Watchers(directory: directory, trail: trail, time: parts.time, deadlines: parts.deadlines)
        changes.listen { [watchers] in watchers.clientChanged($0.client) }
        troubles = TroubleWatch(
            directory: directory,
            time: parts.time,
            deadlines: parts.deadlines,
            logger: parts.logger
        )
        changes.listen { [troubles] in troubles.clientChanged($0.client) }
        requests.onRecovery { [directory, weak requests] origin in
            for client in directory.snapshot.clients.values
            where requests?.origin(of: client.configuration) == origin {
                client.serverRecovered()
            }
        }
    }
}

// MARK: - Life

extension Broker {
    /// Takes the configuration in force; the tokens the store kept serve at once, and are refreshed once `wakeSlots` is
    /// called too. Those of clients that are not configured stay sealed.
    package func start(_ configuration: Configuration, stored: SealedTokens, grants: [StoredGrant] = []) {
        self.grants.restore(grants)
        for row in stored.unreadable { parts.logger.write(row) }
        apply(configuration, stored: stored.byClient())
        let time = parts.time
        var rounds: [(timer: DeadlineTimer, interval: Duration)] = []
        func every(_ interval: Duration, _ work: @escaping @Sendable (Broker) -> Void) {
            let index = rounds.count
            let timer = parts.deadlines.timer { [weak self] in
                guard let self else { return }
                parts.aside {
                    work(self)
                    // Set anew when it is done, so that what hangs holds up itself and nothing else.
                    self.housekeeping.withLock { $0[index] }.set(at: time.now().sinceBoot + interval)
                }
            }
            rounds.append((timer, interval))
        }
        every(Self.minute) {
            $0.trail.sweep()
            $0.troubles.minutePassed()
            $0.storeAgain()
            $0.lookAtGrants()
        }
        // A name service may hang, and so may a network file system.
        every(Self.nameLookupInterval) {
            $0.lookNamesUp()
            $0.lookAtHost()
        }
        every(Self.minute) { $0.lookAtFiles() }
        every(Self.secretWatchInterval) { $0.lookAtSecrets() }
        housekeeping.withLock { $0 = rounds.map(\.timer) }
        let now = time.now().sinceBoot
        for round in rounds { round.timer.set(at: now + round.interval) }
    }

    /// Opens the tokens that the store kept and nobody asked for yet, and plans their refreshes, on the calling thread.
    package func wakeSlots() {
        for client in directory.snapshot.inOrder { client.wake() }
    }

    /// Puts `configuration` in force as a whole; clients that did not change keep their tokens and their state.
    @discardableResult
    package func apply(
        _ configuration: Configuration,
        stored: [String: SealedTokens] = [:]
    ) -> ClientDirectory.Difference {
        budgets.configure(configuration.servers)
        adminGroup.withLock { $0 = configuration.daemon.adminGroup }
        legacyPeerCheck.withLock { $0 = configuration.daemon.legacyPeerCheck }
        if operators.setGroup(configuration.daemon.adminGroup.flatMap(gid)) { surroundings.accessEpoch.advance() }
        let clients = configuration.clientNames.compactMap { name -> ClientConfiguration? in
            guard var client = configuration.clients[name] else { return nil }
            // The way to the server is part of the client, so that a changed proxy counts for its connections.
            client.proxy = configuration.proxy(of: client)
            return client
        }
        let before = directory.snapshot.inOrder
        let difference = directory.replace(
            with: clients,
            stored: stored,
            access: { AccessPolicy(client: $0, daemonUID: parts.daemonUID, lookup: parts.lookup) },
            surroundings: surroundings
        )
        for name in difference.removed { keeper.removeAll(of: name) }
        surroundings.choices.forget(difference.removed)
        troubles.reloaded(changed: difference.changed, removed: difference.removed)
        metrics.removeClients(difference.removed)
        let snapshot = directory.snapshot
        grants.reloaded(snapshot.inOrder, ended: before.filter { snapshot.clients[$0.name.value] !== $0 })
        watchers.reloaded()
        logins.reloaded()
        lookAtHost()
        return difference
    }

    /// Where a reload by an operator gets its configuration from.
    package func onReload(_ reload: @escaping @Sendable () async -> Result<ReloadDocument, APIError>) {
        self.reload.withLock { $0 = reload }
    }

    /// How the operator's work on the store is done.
    package func onMaintenance(_ maintenance: StoreMaintenance) { self.maintenance.withLock { $0 = maintenance } }

    /// What failed for the configuration may work now: the operator reloaded.
    package func configurationReloaded() {
        for client in directory.snapshot.clients.values {
            client.lookAtFirstToken()
            client.configurationChanged()
        }
    }

    /// Logs how often the events came that stand; the last of the broker's life.
    package func finishAudit() { trail.sweep(isLast: true) }

    /// Tries to store the refresh tokens that are in memory alone, no longer than `time`.
    package func finishGrants(within time: Duration) async { await journal.finish(within: time) }

    /// Waits for what is being written to the store, no longer than `time`.
    package func finishWrites(within time: Duration) async { await keeper.finish(within: time) }

    /// Performs token requests until the task is cancelled; what a person gave meanwhile is kept before it returns.
    package func run() async {
        await requests.run()
        logins.stop()
        await logins.finish()
    }

    /// One line for `systemctl status`.
    package var statusLine: String {
        StatusLine.text(directory.snapshot.inOrder.map { ($0.name, $0.state) }, alarms: alarms.all)
    }

    /// Calls `listener` whenever the status line may have changed.
    package func onChange(_ listener: @escaping @Sendable () -> Void) {
        surroundings.changes.listen { _ in listener() }
        alarms.onChange(listener)
    }

    /// The store has been at one piece of work for `time`; nil when it is at none that lasts.
    package func noteStoreAtWork(for time: Duration?) { keeper.noteStoreAtWork(for: time) }

    /// Users and groups that some rule names, for whom connections are kept free, and whether units are looked at.
    package var namedCallers: LocalServer.NamedCallers {
        let snapshot = directory.snapshot
        var named = LocalServer.NamedCallers(
            needsUnit: snapshot.needsUnit,
            legacyPeerCheck: legacyPeerCheck.withLock { $0 }
        )
        for client in snapshot.clients.values {
            let policy = client.accessPolicy
            named.users.formUnion(policy.knownUsers)
            named.groups.formUnion(policy.knownGroups)
        }
        return named
    }

    /// Calls `listener` whenever `namedCallers` may have changed but for a reload.
    package func onNamesLookedUp(_ listener: @escaping @Sendable () -> Void) {
        namesLookedUp.withLock { $0 = listener }
    }

    /// Tells every caller that waits, or comes to wait from now on, that the broker stops.
    package func endWaits() {
        waiting.stop()
        logins.stop()
        diagnoser.stop()
        for client in directory.snapshot.clients.values { client.endWaits() }
    }

    /// The wall clock was set or the machine slept: every plan is looked at again.
    package func clockChanged() {
        for client in directory.snapshot.clients.values { client.clockChanged() }
        // What was left of a token by the clock before is not what is left now.
        surroundings.accessEpoch.advance()
    }

    /// Looks after `files` from now on, each minute: an alarm stands while one is not where it was.
    package func watchFiles(_ files: [WatchedFile]) { watchedFiles.withLock { $0 = files } }
}
