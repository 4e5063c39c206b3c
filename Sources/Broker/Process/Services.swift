internal import LinuxHost
internal import LocalServer
internal import Logging
internal import OAuth2
internal import ServiceLifecycle
internal import Synchronization
internal import SystemdHost
internal import UnixSignals

/// Asks authorization servers for tokens.
///
/// On shutdown the requests in flight are cancelled, since nothing is lost by it; but one that presents a refresh token
/// is waited for, and so is a disk that does not take what it brought.
struct TokenRequestService: Service {
    /// The longest `request_timeout` twice, as a request whose outcome is unknown is made once more, and a minute for a
    /// disk.
    private static let longestStop: Duration = ClientConfiguration.requestTimeoutBounds.upperBound * 2 + .seconds(60)

    let broker: Broker

    func run() async throws {
        let stop = Mutex<TimeExtension?>(nil)
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown { await broker.run() }
            await broker.finishGrants(within: ClientConfiguration.defaultRequestTimeout)
        } onGracefulShutdown: {
            // At once, as the unit's own time-out may be short; and what a disk is given afterwards is within it.
            stop.withLock { $0 = try? TimeExtension(longest: Self.longestStop, first: .zero) }
        }
        stop.withLock { $0 }?.end()
    }
}

/// The thread that fires deadlines.
struct RefreshLoopService: Service {
    let loop: RefreshLoop

    func run() async throws {
        try loop.start()
        try? await gracefulShutdown()
        loop.stop()
    }
}

/// The two sockets; on shutdown waiting callers are told, and answers under way are finished.
struct LocalServerService: Service {
    let server: LocalServer
    let broker: Broker

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await server.run()
        } onGracefulShutdown: {
            broker.endWaits()
            server.beginDrain()
        }
    }
}

/// SIGHUP reloads the configuration.
struct ReloadSignalService: Service {
    let reloader: Reloader

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) {
                _ = await reloader.reload()
            }
        }
    }
}

/// Tells the service manager: READY, then the status in one line at each change, STOPPING; the watchdog beats meanwhile.
struct NotifyService: Service {
    /// Changes come in bursts; one line a second is as much as anybody reads.
    private static let statusInterval: Duration = .seconds(1)

    /// By then most tokens are there that the start asked for.
    private static let settlingTime: Duration = .seconds(60)

    let broker: Broker
    let server: LocalServer
    let watchdog: Watchdog
    let started: @Sendable () -> Void
    let logger: Logger

    func run() async throws {
        await server.started()
        // They did not start.
        guard !Task.isCancelled else { return }
        started()
        let status = broker.statusLine
        ServiceManager.notify([.ready, .status(status)])
        logger.write(.ready, ["status": "\(status)"])
        let changes = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        broker.onChange { changes.continuation.yield() }
        try watchdog.start()
        broker.parts.aside { [broker] in
            broker.wakeSlots()
            // The configuration and the tokens are read, and most of what that took is free.
            CurrentProcess.giveMemoryBack()
        }
        await withDiscardingTaskGroup { group in
            group.addTask { await settle() }
            group.addTask { await showStatus(changes.stream) }
            try? await gracefulShutdown()
            group.cancelAll()
        }
        watchdog.stop()
        ServiceManager.notify([.stopping, .status("Stopping")])
        logger.write(.stopping)
    }

    /// The first requests take more than later ones do: types are made, and the system's certificates read.
    private func settle() async {
        guard (try? await Task.sleep(for: Self.settlingTime)) != nil else { return }
        CurrentProcess.giveMemoryBack()
    }

    private func showStatus(_ changes: AsyncStream<Void>) async {
        var shown = ""
        for await _ in changes {
            let line = broker.statusLine
            if line != shown { ServiceManager.notify([.status(line)]) }
            shown = line
            try? await Task.sleep(for: Self.statusInterval)
        }
    }
}
