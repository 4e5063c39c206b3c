internal import LinuxHost
package import OAuth2

/// Where the broker reads the time, so that tests bring their own.
package struct TimeSource: Sendable {
    /// Names this run of the kernel.
    package let boot: BootID

    private let read: @Sendable () -> Moment
    private let readTicks: @Sendable () -> Ticks

    /// Both clocks as `Moment` has them, in nanoseconds: cheaper to read and to compare, for what happens with every fetch.
    struct Ticks: Sendable, Equatable {
        var sinceBoot: Int64
        var sinceEpoch: Int64
    }

    package init(boot: BootID, now: @escaping @Sendable () -> Moment) {
        self.init(boot: boot, now: now) { Ticks(now()) }
    }

    private init(boot: BootID, now: @escaping @Sendable () -> Moment, ticks: @escaping @Sendable () -> Ticks) {
        self.boot = boot
        read = now
        readTicks = ticks
    }

    /// Both clocks, now.
    package func now() -> Moment { read() }

    /// Both clocks, now.
    func ticks() -> Ticks { readTicks() }

    /// The kernel's clocks.
    package static func kernel() -> TimeSource {
        TimeSource(boot: BootID(LinuxClock.bootID())) {
            Moment(sinceBoot: LinuxClock.sinceBoot(), sinceEpoch: LinuxClock.sinceEpoch())
        } ticks: {
            let time = LinuxClock.nanoseconds()
            return Ticks(sinceBoot: time.sinceBoot, sinceEpoch: time.sinceEpoch)
        }
    }
}

extension TimeSource.Ticks {
    init(_ moment: Moment) {
        sinceBoot = moment.sinceBoot.wholeNanoseconds
        sinceEpoch = moment.sinceEpoch.wholeNanoseconds
    }
}

extension Duration {
    /// Rounded down; 292 years at most.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (nanoseconds, isTooMuch) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return isTooMuch ? (seconds < 0 ? .min : .max) : nanoseconds + attoseconds / 1_000_000_000
    }
}
