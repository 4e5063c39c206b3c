internal import CLinux
internal import Glibc
internal import LinuxHost

/// An epoll instance, which is a descriptor that others can be told of too.
@safe
final class Poller {
    static let readable = CLINUX_EPOLLIN

    let descriptor: Int32
    private let ready: UnsafeMutableBufferPointer<clinux_ready>

    /// - Parameter batch: How many descriptors one call reports at most; the others come first in the next.
    init(batch: Int) throws(HostError) {
        descriptor = clinux_epoll_create()
        guard descriptor >= 0 else { throw .last("epoll_create1") }
        unsafe ready = .allocate(capacity: batch)
        unsafe ready.initialize(repeating: clinux_ready())
    }

    deinit {
        close(descriptor)
        unsafe ready.deallocate()
    }

    /// Returns false where the kernel has no room.
    func add(_ watched: Int32, _ events: UInt32) -> Bool { clinux_epoll_add(descriptor, watched, events) == 0 }

    func modify(_ watched: Int32, _ events: UInt32) { _ = clinux_epoll_modify(descriptor, watched, events) }

    /// Waits for at most so long, and returns how many are ready.
    func wait(milliseconds: Int32) -> Int {
        let count = unsafe clinux_epoll_wait(descriptor, ready.baseAddress!, Int32(ready.count), milliseconds)
        return max(0, Int(count))
    }

    /// One of those that the latest wait found ready.
    subscript(index: Int) -> clinux_ready {
        // Beyond the room there is other memory.
        unsafe precondition(ready.indices.contains(index))
        return unsafe ready[index]
    }
}
