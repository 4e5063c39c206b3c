import Glibc

/// A server on this machine.
package enum Peer: Sendable {
    case unixSocket(String)
    /// A port on 127.0.0.1.
    case port(UInt16)

    /// Asks on a connection of its own, and reads until there is a whole answer.
    package func answer(to request: [UInt8], isWhole: ([UInt8]) -> Bool) throws(BenchmarkFailure) -> [UInt8] {
        try PeerConnection(to: self).answer(to: request, isWhole: isWhole)
    }

    /// Whether it takes connections.
    package var isListening: Bool {
        guard let descriptor = try? connect() else { return false }
        close(descriptor)
        return true
    }

    fileprivate func connect() throws(BenchmarkFailure) -> Int32 {
        let isUnix = if case .unixSocket = self { true } else { false }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(isUnix ? AF_UNIX : AF_INET, type, 0)
        guard descriptor >= 0 else { throw .last("socket") }
        let connected: Int32
        switch self {
        case .unixSocket(let path):
            connected = unsafe withUnixAddress(path) { unsafe Glibc.connect(descriptor, $0, $1) }
        case .port(let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            connected = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        guard connected == 0 else {
            let failure = BenchmarkFailure.last("connect")
            close(descriptor)
            throw failure
        }
        return descriptor
    }
}

/// A connection to a server, which ends with this object.
package final class PeerConnection {
    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    package init(to peer: Peer) throws(BenchmarkFailure) { descriptor = try peer.connect() }

    deinit { close(descriptor) }

    /// Asks, and reads until there is a whole answer.
    package func answer(to request: [UInt8], isWhole: ([UInt8]) -> Bool) throws(BenchmarkFailure) -> [UInt8] {
        guard unsafe send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw .last("send")
        }
        var received: [UInt8] = []
        while !isWhole(received) {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw .last("recv") }
            guard count > 0 else { throw BenchmarkFailure("the connection ended before a whole answer") }
            received += buffer[..<count]
        }
        return received
    }
}
