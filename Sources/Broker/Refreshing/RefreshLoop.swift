package import LinuxHost
internal import OAuth2
internal import Synchronization

/// The thread that fires deadlines in time.
package final class RefreshLoop: Sendable {
    private let deadlines: Deadlines
    private let time: TimeSource
    private let alarm: Alarm
    private let isStopping = Mutex(false)
    private let turned = Mutex<UInt64>(0)

    /// The longest sleep: often enough to notice soon that the clock was set, seldom enough to cost nothing.
    private static let longestSleep: Duration = .seconds(5)

    /// Below this the wall clock is being disciplined, not set.
    private static let noticedJump: Duration = .seconds(5)

    private let onClockChange: @Sendable () -> Void

    /// `onClockChange` is called on the loop's thread when somebody set the wall clock.
    package init(
        deadlines: Deadlines,
        time: TimeSource,
        onClockChange: @escaping @Sendable () -> Void
    ) throws(HostError) {
        self.onClockChange = onClockChange
        self.deadlines = deadlines
        self.time = time
        alarm = try Alarm()
        deadlines.onEarlierDeadline { [alarm] in alarm.ring() }
    }

    /// How often the loop has turned; it does at the latest when it is woken.
    package var turns: UInt64 { turned.withLock { $0 } }

    /// Makes the loop turn once, for whoever wants to see that it does.
    package func wake() { alarm.ring() }

    /// Fires deadlines on a thread of its own until `stop`.
    package func start() throws(HostError) {
        try HostThread.start(named: "refresh") { [self] in run() }
    }

    /// Ends the loop after the turn it is in.
    package func stop() {
        isStopping.withLock { $0 = true }
        alarm.ring()
    }

    private func run() {
        var last = time.now()
        while !isStopping.withLock({ $0 }) {
            let now = time.now()
            turned.withLock { $0 += 1 }
            let drift = (now.sinceEpoch - last.sinceEpoch) - (now.sinceBoot - last.sinceBoot)
            last = now
            if drift.magnitude > Self.noticedJump { onClockChange() }
            deadlines.fire(now: now.sinceBoot)
            let limit = now.sinceBoot + Self.longestSleep
            alarm.wait(until: min(deadlines.next ?? limit, limit))
        }
    }
}
