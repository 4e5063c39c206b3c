internal import LinuxHost
internal import LocalAPI
internal import LocalServer
package import Logging
internal import OAuth2
internal import ServiceLifecycle
internal import SystemdHost
internal import TokenEndpoint
internal import TokenStore
internal import UnixSignals

/// The process around the broker: what it opens at the start, in which order, and closes at the end.
package struct Daemon: Sendable {
    /// The version that `tokenbrokerd --version`, the status and the User-Agent tell.
    package static let version = "0.1.0"

    let configurationFile: String
    let context: ProcessContext
    let logger: Logger

    /// Why keys and tokens are not in locked memory; nil when they are.
    var missingMemory: LockedMemory.Missing?

    package init(configurationFile: String, context: ProcessContext, logger: Logger) {
        self.configurationFile = configurationFile
        self.context = context
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT.
    package func run() async throws(StartFailure) {
        do throws(StartFailure) {
            try await serve()
        } catch {
            ServiceManager.notify([.status(error.statusLine)])
            throw error
        }
    }

    func load() throws(StartFailure) -> Configuration {
        do throws(ConfigurationErrors) {
            return try Configuration.load(file: configurationFile, in: context)
        } catch {
            throw StartFailure(.configuration, error.description)
        }
    }

    private func serve() async throws(StartFailure) {
        // Both take what they find out of the environment, which no other thread may read meanwhile.
        let passed = try Sockets.passed()
        _ = ServiceManager.watchdogInterval
        let configuration = try load()
        var logger = logger
        logger.logLevel = configuration.daemon.logLevel
        for warning in configuration.warnings {
            logger.write(.configurationDoubt, ["problem": "\(warning)"])
        }
        if let missingMemory {
            logger.write(
                .memoryNotLocked,
                ["reason": "\(missingMemory.reason)", "remedy": "\(LockedMemory.Missing.remedy)"]
            )
        }
        let supervision = try Supervision.begin(configuration.daemon)
        defer { supervision.start.end() }
        // The lock before anything is touched: a second daemon must not so much as replace a socket file.
        let state = try StateDirectory.open(
            configuration.daemon,
            environment: context.environment,
            atWork: { supervision.work.note($0) }
        )
        do throws(StartFailure) {
            // Handed over: the clients of the start, and what secrets it has of them, are not kept beyond a reload.
            try await serve(consume configuration, state, passed, supervision, logger)
        } catch {
            await state.close(within: Self.longestClose)
            throw error
        }
        await state.close(within: Self.longestClose)
    }

    /// Far from the unit's time-out, twice over: a disk at work takes milliseconds.
    private static let longestClose: Duration = .seconds(5)

    /// Enough to end connections in good order; a stop takes a second at most.
    private static let longestFarewell: Duration = .milliseconds(250)

    private func serve(
        _ configuration: consuming Configuration,
        _ state: StateDirectory,
        _ passed: PassedDescriptors,
        _ supervision: Supervision,
        _ logger: Logger
    ) async throws(StartFailure) {
        let settings = configuration.daemon
        let time = TimeSource.kernel()
        let deadlines = Deadlines()
        let endpoint = TokenEndpointClient(version: Self.version, clock: { time.now() })
        let broker = Broker(
            Broker.Parts(
                version: Self.version,
                store: state.store,
                endpoint: endpoint,
                lifeboat: state.lifeboat(adopting: GrantLifeboat.chosen(passed.stored), logger: logger),
                time: time,
                deadlines: deadlines,
                lookup: .system,
                daemonUID: context.uid,
                environment: context.environment,
                logger: logger,
                hostView: { HostView.current() },
                aside: Self.onThreadOfItsOwn
            )
        )
        await broker.journal.recover()
        // What is in memory alone is sealed with the key that this takes away.
        if !broker.journal.hasUnsaved {
            await state.finishRekey(settings, environment: context.environment, logger: logger)
        }
        // Not held here: what was read of the tokens is in memory until the last of them is opened, and no longer.
        broker.start(
            copy configuration,
            stored: try state.tokens(alarms: broker.alarms),
            grants: try state.grants(logger: logger)
        )

        let server = try Sockets.server(broker.handler, settings, passed.sockets)
        if let connections = Sockets.loweredConnections {
            logger.write(
                .fewerConnections,
                ["connections": "\(connections)", "remedy": "Raise LimitNOFILE= to 8704 or more."]
            )
        }
        broker.watchFiles([state.ownFile] + Sockets.ownFiles(settings, passed.sockets))
        let limits: @Sendable () -> Void = { server.setNamedCallers(broker.namedCallers) }
        limits()
        broker.metrics.readConnections { [weak server] in server?.connectionCount ?? 0 }
        let reloader = Reloader(
            file: configurationFile,
            context: context,
            inForce: consume configuration,
            broker: broker,
            logger: logger,
            applied: {
                limits()
                CurrentProcess.giveMemoryBack()
            }
        )
        broker.onNamesLookedUp(limits)
        broker.onReload { await reloader.reload() }
        broker.onMaintenance(
            StoreMaintenance(store: state.store, journal: broker.journal, directory: state.path) { [context] in
                (await reloader.stateKey, context.environment)
            }
        )
        let loop: RefreshLoop
        let watchdog: Watchdog
        do throws(HostError) {
            loop = try RefreshLoop(deadlines: deadlines, time: time, onClockChange: { broker.clockChanged() })
            watchdog = try Watchdog(
                interval: ServiceManager.watchdogInterval,
                server: server,
                loop: loop,
                work: supervision.work,
                broker: broker,
                logger: logger
            )
        } catch {
            throw StartFailure(.operatingSystem, error.description)
        }

        // Stopped in the reverse order: the manager hears first, and what serves callers ends before what it needs.
        let services: [any Service] = [
            TokenRequestService(broker: broker),
            RefreshLoopService(loop: loop),
            LocalServerService(server: server, broker: broker),
            ReloadSignalService(reloader: reloader),
            NotifyService(
                broker: broker,
                server: server,
                watchdog: watchdog,
                started: { supervision.start.end() },
                logger: logger
            ),
        ]
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services,
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        do {
            try await group.run()
        } catch {
            throw StartFailure(.software, "a service ended: \(error)")
        }
        // Whoever looks a name up cannot be stopped, and nothing depends on it any more.
        _ = await Task { await endpoint.shutdown() }.value(within: Self.longestFarewell)
        broker.finishAudit()
        await broker.finishWrites(within: Self.longestClose)
        // As a failure, after which the service manager keeps what it was given for the start that it makes.
        let unsaved = Set(broker.journal.unsavedGrants.map(\.id.client.value)).sorted()
        guard unsaved.isEmpty else {
            throw StartFailure(
                .inputOutput,
                "the newest refresh tokens of \(unsaved.joined(separator: ", ")) are not on the disk. Make it writable, and "
                    + "start the daemon again"
            )
        }
    }

    private static func onThreadOfItsOwn(_ work: @escaping @Sendable () -> Void) {
        do throws(HostError) {
            try HostThread.start(named: "housekeeping", work)
        } catch {
            work()
        }
    }
}
