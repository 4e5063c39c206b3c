internal import LinuxHost
internal import LocalServer
internal import Logging
internal import Synchronization
internal import SystemdHost

/// The thread that looks whether the daemon lives and tells the service manager.
///
/// A thread of its own: tasks share a few threads, and all of those may be waiting for a disk.
final class Watchdog: Sendable {
    /// How often a look is taken where nobody waits for the beat, for the alarm of a store that stalls.
    private static let idlePeriod: Duration = .seconds(5)

    private let interval: Duration?
    private let server: LocalServer
    private let loop: RefreshLoop
    private let work: StoreWork
    private let broker: Broker
    private let logger: Logger
    private let alarm: Alarm
    private let isStopping = Mutex(false)

    /// - Parameter interval: How long the service manager waits for a beat; nil when it does not.
    init(
        interval: Duration?,
        server: LocalServer,
        loop: RefreshLoop,
        work: StoreWork,
        broker: Broker,
        logger: Logger
    ) throws(HostError) {
        self.interval = interval
        self.server = server
        self.loop = loop
        self.work = work
        self.broker = broker
        self.logger = logger
        alarm = try Alarm()
    }

    /// Looks and beats on a thread of its own until `stop`.
    func start() throws(HostError) {
        try HostThread.start(named: "watchdog") { [self] in run() }
    }

    /// Ends the thread; the service manager waits for no beat of a service that stops.
    func stop() {
        isStopping.withLock { $0 = true }
        alarm.ring()
    }

    private func run() {
        let period = interval.map { $0 / Heartbeat.looksPerInterval } ?? Self.idlePeriod
        var heartbeat = Heartbeat()
        var before: [Heartbeat.Fault] = []
        while !isStopping.withLock({ $0 }) {
            let pieces = work.pieces
            let faults = heartbeat.faults(
                in: Heartbeat.Look(
                    socketTurns: server.turns,
                    refreshTurns: loop.turns,
                    work: pieces.map { .init(number: $0.number, waitsForThread: $0.thread.waitsForThread) }
                )
            )
            if interval != nil, faults.isEmpty { ServiceManager.notify([.watchdog]) }
            if faults != before { log(faults) }
            before = faults
            server.wake()
            loop.wake()
            broker.noteStoreAtWork(for: pieces.transaction.map { SuspendingClock().now - $0.began })
            alarm.wait(until: LinuxClock.sinceBoot() + period)
        }
    }

    private func log(_ faults: [Heartbeat.Fault]) {
        guard !faults.isEmpty else { return logger.write(.goesOn) }
        logger.write(
            .standsStill,
            [
                "reason": "\(faults.map(\.description).joined(separator: "; "))",
                "consequence": interval == nil ? "restart it" : "the service manager is told nothing and restarts it",
            ]
        )
    }
}
