internal import Glibc

/// A wait for several descriptors at once (poll(2)).
package enum Readiness {
    /// What is waited for.
    package struct Interest: Sendable, Hashable {
        package var descriptor: Int32

        /// Whether it is waited for until it can be written to, rather than read from.
        package var isWriting: Bool

        package init(_ descriptor: Int32, isWriting: Bool = false) {
            self.descriptor = descriptor
            self.isWriting = isWriting
        }
    }

    /// Blocks until one of them can be used, or has ended, or `deadline` of CLOCK_BOOTTIME is there, or a signal came; the
    /// descriptors that can be used.
    package static func wait(for interests: [Interest], until deadline: Duration?) throws(HostError) -> Set<Int32> {
        var descriptors = interests.map {
            pollfd(fd: $0.descriptor, events: Int16($0.isWriting ? POLLOUT : POLLIN), revents: 0)
        }
        let count = unsafe poll(&descriptors, nfds_t(descriptors.count), milliseconds(until: deadline))
        if count < 0 {
            guard errno == EINTR else { throw .last("poll") }
            return []
        }
        return Set(descriptors.filter { $0.revents != 0 }.map(\.fd))
    }

    /// Rounded up, so that the deadline is there when the wait is over; -1 for ever.
    private static func milliseconds(until deadline: Duration?) -> Int32 {
        guard let deadline else { return -1 }
        let (seconds, attoseconds) = max(deadline - LinuxClock.sinceBoot(), .zero).components
        // A day at most, as a wait that ends early only begins anew.
        return Int32(min(seconds, 86_400) * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
