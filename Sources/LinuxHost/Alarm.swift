internal import CLinux
internal import Glibc

/// A wait for a time of CLOCK_BOOTTIME that another thread can cut short.
///
/// A timer descriptor rather than a time-out of `poll`, because it goes off right after a suspend.
package final class Alarm: Sendable {
    private let timer: Int32
    private let bell: Int32

    package init() throws(HostError) {
        timer = clinux_boot_timer()
        guard timer >= 0 else { throw .last("timerfd_create") }
        bell = clinux_event()
        guard bell >= 0 else { throw .last("eventfd") }
    }

    deinit {
        close(timer)
        if bell >= 0 { close(bell) }
    }

    /// Ends the wait that is going on, or the next one.
    package func ring() { clinux_event_ring(bell) }

    /// Blocks the thread until `deadline`, a `ring`, or a signal.
    package func wait(until deadline: Duration) {
        let (seconds, attoseconds) = deadline.components
        // All zeros would disarm the timer.
        _ = clinux_boot_timer_set(timer, max(0, seconds), max(1, attoseconds / 1_000_000_000))
        var descriptors = [
            pollfd(fd: timer, events: Int16(POLLIN), revents: 0), pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
        ]
        _ = unsafe poll(&descriptors, 2, -1)
        clinux_event_quiet(timer)
        clinux_event_quiet(bell)
    }
}
