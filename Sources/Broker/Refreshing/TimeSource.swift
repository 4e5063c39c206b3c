internal import LinuxHost
package import OAuth2

/// Where the broker reads the time, so that tests bring their own.
package struct TimeSource: Sendable {
    /// Names this run of the kernel.
    package let boot: BootID

    private let read: @Sendable () -> Moment

    package init(boot: BootID, now: @escaping @Sendable () -> Moment) {
        self.boot = boot
        read = now
    }

    /// Both clocks, now.
    package func now() -> Moment { read() }

    /// The kernel's clocks.
    package static func kernel() -> TimeSource {
        TimeSource(boot: BootID(LinuxClock.bootID())) {
            Moment(sinceBoot: LinuxClock.sinceBoot(), sinceEpoch: LinuxClock.sinceEpoch())
        }
    }
}
