internal import CLinux
internal import Glibc
internal import LinuxHost

/// An epoll instance, which is a descriptor that others can be told of too.
final class Poller {
    static let readable = CLINUX_EPOLLIN

    let descriptor: Int32
    private var ready: [clinux_ready]

    /// - Parameter batch: How many descriptors one call reports at most; the others come first in the next.
    init(batch: Int) throws(HostError) {
        descriptor = clinux_epoll_create()
        guard descriptor >= 0 else { throw .last("epoll_create1") }
        ready = [clinux_ready](repeating: clinux_ready(), count: batch)
    }

    deinit { close(descriptor) }

    /// Returns false where the kernel has no room.
    func add(_ watched: Int32, _ events: UInt32) -> Bool { clinux_epoll_add(descriptor, watched, events) == 0 }

    func modify(_ watched: Int32, _ events: UInt32) { _ = clinux_epoll_modify(descriptor, watched, events) }

    /// What is ready, after a wait of at most so long.
    func wait(milliseconds: Int32) -> ArraySlice<clinux_ready> {
        let count = unsafe clinux_epoll_wait(descriptor, &ready, Int32(ready.count), milliseconds)
        return ready.prefix(max(0, Int(count)))
    }
}
