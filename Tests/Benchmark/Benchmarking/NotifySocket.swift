import Glibc

/// The service manager's end of sd_notify(3).
package final class NotifySocket {
    package let path: String
    private let descriptor: Int32

    /// - Parameter path: Where there is nothing yet.
    package init(at path: String) throws(BenchmarkFailure) {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .last("socket") }
        let descriptor = descriptor
        unsafe unlink(path)
        guard unsafe withUnixAddress(path, { unsafe bind(descriptor, $0, $1) }) == 0 else {
            throw .last("bind \(path)")
        }
    }

    deinit {
        close(descriptor)
        unsafe unlink(path)
    }

    /// Whether something that contains `text` was told before `patience` was over; what came before it is dropped.
    package func wait(for text: String, patience: Duration = .seconds(60)) -> Bool {
        let deadline = ContinuousClock.now + patience
        var buffer = [UInt8](repeating: 0, count: 8_192)
        while true {
            let (seconds, attoseconds) = max(.zero, deadline - ContinuousClock.now).components
            var interest = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let milliseconds = Int32(clamping: seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
            guard unsafe poll(&interest, 1, milliseconds) > 0 else { return false }
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return false }
            if String(decoding: buffer[..<count], as: UTF8.self).contains(text) { return true }
        }
    }
}

func withUnixAddress<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8.prefix(107)) }
    return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
