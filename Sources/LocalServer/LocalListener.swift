package import LinuxHost
package import LocalAPI

/// A listening Unix stream socket and what it is for.
package struct LocalListener: Sendable {
    package let role: SocketRole
    let descriptor: Int32

    /// Takes the socket over and makes it tell who writes on what it accepts.
    package init(role: SocketRole, socket: consuming FileDescriptor) throws(HostError) {
        self.role = role
        try UnixSocket.passCredentials(socket.number)
        try UnixSocket.setNonblocking(socket.number)
        descriptor = socket.release()
    }
}
