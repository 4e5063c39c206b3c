internal import CLinux
internal import Glibc

/// A TCP port that this machine alone can connect to; it is closed when it goes.
package struct LoopbackListener: ~Copyable {
    /// Which of the machine's own addresses.
    package enum Address: String, Sendable, Hashable {
        case v4 = "127.0.0.1"
        case v6 = "::1"
    }

    private let descriptor: FileDescriptor

    /// The port, whether it was asked for or given.
    package let port: UInt16

    /// Takes `port`, or any when that is 0.
    ///
    /// - Parameter isListening: Whether connections are accepted; otherwise they are refused, and nobody else gets the port.
    package init(_ address: Address, port: UInt16, isListening: Bool = true) throws(HostError) {
        descriptor = FileDescriptor(owning: clinux_loopback_bind(address == .v6 ? 1 : 0, port, isListening ? 1 : 0))
        let name = "\(address == .v6 ? "[::1]" : address.rawValue):\(port)"
        guard descriptor.number >= 0 else { throw .last("cannot be listened at", path: name) }
        guard let bound = UInt16(exactly: clinux_port(descriptor.number)) else {
            throw .last("getsockname", path: name)
        }
        self.port = bound
    }

    /// To wait on, for what `accept` would return.
    package var number: Int32 { descriptor.number }

    /// The next connection; nil when there is none.
    package func accept() -> LoopbackConnection? {
        let connection = FileDescriptor(owning: clinux_accept(descriptor.number))
        return connection.number >= 0 ? LoopbackConnection(connection) : nil
    }
}

/// A connection that never waits; it is closed when it goes.
package final class LoopbackConnection {
    private let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

    /// To wait on.
    package var number: Int32 { descriptor.number }

    /// What is there, up to `maximumBytes`; empty when it ended or broke, nil when there is nothing yet.
    package func receive(maximumBytes: Int) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: maximumBytes)
        let count = unsafe recv(descriptor.number, &buffer, maximumBytes, 0)
        if count < 0 && (errno == EAGAIN || errno == EINTR) { return nil }
        return Array(buffer.prefix(max(0, count)))
    }

    /// Sends as much of `bytes` as goes now, and returns how much; nil when nobody is there any more.
    package func send(_ bytes: ArraySlice<UInt8>) -> Int? {
        let count = unsafe bytes.withUnsafeBytes { buffer in
            unsafe Glibc.send(descriptor.number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
        }
        if count < 0 && (errno == EAGAIN || errno == EINTR) { return 0 }
        return count < 0 ? nil : count
    }
}
