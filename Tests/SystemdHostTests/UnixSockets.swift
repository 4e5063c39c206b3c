import Foundation
import Glibc

/// A socket of the test's own, closed and unlinked with it.
final class TestSocket: Sendable {
    let descriptor: Int32
    let path: String

    /// Binds a socket of `type` in a temporary directory, and listens when `backlog` says so.
    init(type: __socket_type, backlog: Int32? = nil) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("s\(UUID().uuidString.prefix(13))").path
        descriptor = socket(AF_UNIX, Int32(type.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let bound = unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard descriptor >= 0, bound == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        if let backlog, listen(descriptor, backlog) != 0 { throw POSIXError(.EOPNOTSUPP) }
    }

    deinit {
        close(descriptor)
        unsafe unlink(path)
    }

    /// The next datagram; what `notify` sent is there when it returns.
    func receive() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}

/// Puts `descriptors` where a service manager passes sockets, from 3 on, for the time of `body`.
func withPassed(_ descriptors: [Int32], names: String, _ body: () throws -> Void) rethrows {
    // The test runner's own descriptors may be there.
    let numbers = descriptors.indices.map { Int32(3 + $0) }
    let high = descriptors.map { fcntl($0, F_DUPFD, 100) }
    let saved = numbers.map { fcntl($0, F_DUPFD, 100) }
    for (source, number) in zip(high, numbers) { dup2(source, number) }
    defer {
        for (original, number) in zip(saved, numbers) {
            if original >= 0 { dup2(original, number) } else { close(number) }
        }
        for descriptor in high + saved where descriptor >= 0 { close(descriptor) }
    }
    setEnvironment("LISTEN_PID", String(getpid()))
    setEnvironment("LISTEN_FDS", String(descriptors.count))
    setEnvironment("LISTEN_FDNAMES", names)
    try body()
}

/// What a child would inherit under this name.
func environmentVariable(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }

/// Sets the variable, or takes it out.
func setEnvironment(_ name: String, _ value: String?) {
    if let value { unsafe setenv(name, value, 1) } else { unsafe unsetenv(name) }
}
