package import LinuxHost
package import LocalAPI

/// Names a connection for as long as the server runs.
package struct ConnectionID: Sendable, Hashable {
    let descriptor: Int32
    /// Descriptors are used again; this is not.
    let serial: UInt64
}

/// Who asks: the process that connected, and on which socket.
package struct Caller: Sendable {
    package let peer: PeerIdentity
    package let role: SocketRole
    package let connection: ConnectionID

    /// Held only while some rule looks at units; nil then and on kernels that cannot say.
    let process: PeerProcess?

    /// The unit that the caller runs in now.
    package var unit: SystemdUnit? {
        process?.cgroup(pid: peer.pid).flatMap(SystemdUnit.init(cgroup:))
    }

    package init(peer: PeerIdentity, role: SocketRole, connection: ConnectionID, process: PeerProcess? = nil) {
        self.peer = peer
        self.role = role
        self.connection = connection
        self.process = process
    }
}

/// What answers requests; called on the server's thread, so it must not block.
package struct RequestHandler: Sendable {
    /// Answers through the responder, at once or later, once.
    package let handle: @Sendable (HTTPRequest, Caller, Responder) -> Void

    /// The connection is gone; what was to be answered on it has no reader.
    package let connectionClosed: @Sendable (ConnectionID) -> Void

    package init(
        handle: @escaping @Sendable (HTTPRequest, Caller, Responder) -> Void,
        connectionClosed: @escaping @Sendable (ConnectionID) -> Void
    ) {
        self.handle = handle
        self.connectionClosed = connectionClosed
    }
}
