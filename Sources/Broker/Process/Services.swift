internal import LocalServer
internal import Logging
internal import OAuth2
internal import ServiceLifecycle
internal import SystemdHost
internal import UnixSignals

/// Asks authorization servers for tokens.
///
/// On shutdown the requests in flight are cancelled, since nothing is lost by it; but one that presents a refresh token
/// is waited for, and so is a disk that does not take what it brought.
struct TokenRequestService: Service {
    /// What a stop may take longer for, renewed while it does.
    private static let extended: Duration = .seconds(15)
    private static let renewal: Duration = .seconds(5)

    let broker: Broker

    func run() async throws {
        await withTaskGroup { group in
            group.addTask {
                await cancelWhenGracefulShutdown { await broker.run() }
                await broker.finishGrants(within: ClientConfiguration.defaultRequestTimeout)
            }
            group.addTask {
                try? await gracefulShutdown()
                while !Task.isCancelled {
                    try? await Task.sleep(for: Self.renewal)
                    if !Task.isCancelled { ServiceManager.notify([.extendTimeout(Self.extended)]) }
                }
            }
            await group.next()
            group.cancelAll()
        }
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

/// Tells the service manager: READY, then the status in one line at each change, the watchdog's beat, STOPPING.
struct NotifyService: Service {
    /// Changes come in bursts; one line a second is as much as anybody reads.
    private static let statusInterval: Duration = .seconds(1)

    let broker: Broker
    let server: LocalServer
    let loop: RefreshLoop
    let time: TimeSource
    let logger: Logger

    func run() async throws {
        await server.started()
        ServiceManager.notify([.ready, .status(broker.statusLine)])
        logger.notice("Ready", metadata: ["status": "\(broker.statusLine)"])
        let changes = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        broker.onChange { changes.continuation.yield() }
        await withDiscardingTaskGroup { group in
            group.addTask { await showStatus(changes.stream) }
            if let interval = ServiceManager.watchdogInterval {
                group.addTask { await beat(every: interval / 2, limit: interval) }
            }
            try? await gracefulShutdown()
            group.cancelAll()
        }
        ServiceManager.notify([.stopping, .status("Stopping")])
        logger.notice("Stopping")
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

    /// Beats only while both loops turn, whatever the disk does.
    private func beat(every interval: Duration, limit: Duration) async {
        while !Task.isCancelled {
            let now = time.now().sinceBoot
            if now - server.lastTurn < limit, now - loop.lastTurn < limit {
                ServiceManager.notify([.watchdog])
            }
            server.wake()
            try? await Task.sleep(for: interval)
        }
    }
}
