internal import Glibc

/// The kernel's clocks.
package enum LinuxClock {
    /// Since the machine started, time asleep included (CLOCK_BOOTTIME).
    package static func sinceBoot() -> Duration { read(CLOCK_BOOTTIME) }

    /// Since 1970-01-01 UTC (CLOCK_REALTIME).
    package static func sinceEpoch() -> Duration { read(CLOCK_REALTIME) }

    /// A name for this run of the kernel.
    ///
    /// `ProcSubset=pid` hides the kernel's word from a service; its unit then passes the same as `%b` of
    /// systemd.unit(5) in `TOKENBROKER_BOOT_ID`.
    package static func bootID() -> String {
        let path = "/proc/sys/kernel/random/boot_id"
        let said =
            (try? FileSystem.read(path, maximumBytes: 64)).map { String(decoding: $0, as: UTF8.self) }
            ?? CurrentProcess.environment("TOKENBROKER_BOOT_ID") ?? ""
        // systemd leaves the dashes out.
        let digits = said.filter(\.isHexDigit).lowercased()
        // Where nobody says it no boot is known to be the same as another: times are then told by the wall clock.
        return digits.isEmpty ? "unknown-\(sinceEpoch() - sinceBoot())" : digits
    }

    private static func read(_ clock: clockid_t) -> Duration {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Duration(
            secondsComponent: Int64(time.tv_sec),
            attosecondsComponent: Int64(time.tv_nsec) * attosecondsPerNanosecond
        )
    }

    private static let attosecondsPerNanosecond: Int64 = 1_000_000_000
}
