internal import LinuxHost
internal import Synchronization
internal import SystemdHost

/// Asks the service manager for more time while something takes long, from a thread of its own.
///
/// A unit's time-outs are for the usual case; what is worth more time says so while it is at it (sd_notify(3),
/// EXTEND_TIMEOUT_USEC).
final class TimeExtension: Sendable {
    /// Asked for every few seconds; when the last was asked for, it does for what follows the end, too.
    private static let renewal: Duration = .seconds(5)
    private static let extended: Duration = .seconds(20)

    private let longest: Duration
    private let first: Duration
    private let status: String?
    private let alarm: Alarm
    private let isOver = Mutex(false)

    /// - Parameters:
    ///   - longest: No more is asked for after this; what takes longer does not end any more.
    ///   - first: When it is asked for the first time; nothing is when it is over by then.
    ///   - status: What the operator reads meanwhile, from the first time on.
    init(longest: Duration, first: Duration = renewal, status: String? = nil) throws(HostError) {
        self.longest = longest
        self.first = first
        self.status = status
        alarm = try Alarm()
        try HostThread.start(named: "extension") { [self] in run() }
    }

    /// It is over, or as good as: what was asked for last is for what remains.
    func end() {
        isOver.withLock { $0 = true }
        alarm.ring()
    }

    private func run() {
        let began = LinuxClock.sinceBoot()
        var next = began + first
        var isFirst = true
        while !isOver.withLock({ $0 }), next <= began + longest {
            alarm.wait(until: next)
            guard LinuxClock.sinceBoot() >= next else { continue }
            // Under the lock, so that nothing is asked for after the end.
            isOver.withLock { isOver in
                guard !isOver else { return }
                let shown = isFirst ? status : nil
                ServiceManager.notify([.extendTimeout(Self.extended)] + (shown.map { [.status($0)] } ?? []))
            }
            isFirst = false
            next += Self.renewal
        }
    }
}
