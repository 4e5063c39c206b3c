internal import Glibc

/// The kernel's clocks.
package enum LinuxClock {
    /// Since the machine started, time asleep included (CLOCK_BOOTTIME).
    package static func sinceBoot() -> Duration { read(CLOCK_BOOTTIME) }

    /// Since 1970-01-01 UTC (CLOCK_REALTIME).
    package static func sinceEpoch() -> Duration { read(CLOCK_REALTIME) }

    /// A name for this run of the kernel.
    package static func bootID() -> String {
        let path = "/proc/sys/kernel/random/boot_id"
        guard let bytes = try? FileSystem.read(path, maximumBytes: 64) else {
            // Without /proc no boot is known to be the same as another, which costs one refresh after a restart.
            return "unknown-\(sinceEpoch() - sinceBoot())"
        }
        return String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
    }

    private static func read(_ clock: clockid_t) -> Duration {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
