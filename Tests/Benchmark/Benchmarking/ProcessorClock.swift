import Glibc

/// What a process has spent on processors, all its threads together, those that ended too.
package struct ProcessorClock: Sendable {
    private let clock: clockid_t

    /// Nil when there is no such process.
    package init?(of pid: Int32) {
        var clock = clockid_t()
        guard unsafe clock_getcpuclockid(pid, &clock) == 0 else { return nil }
        self.clock = clock
    }

    /// In nanoseconds; 0 when the process is gone.
    package var nanoseconds: UInt64 { MonotonicTime.nanoseconds(of: clock) }
}

/// The time that nobody sets.
package enum MonotonicTime {
    /// In nanoseconds since some time.
    package static var nanoseconds: UInt64 { nanoseconds(of: CLOCK_MONOTONIC) }

    static func nanoseconds(of clock: clockid_t) -> UInt64 {
        var time = timespec()
        guard unsafe clock_gettime(clock, &time) == 0 else { return 0 }
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
