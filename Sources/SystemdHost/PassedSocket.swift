import CSystemd

/// A listening Unix stream socket that the service manager passed.
package struct PassedSocket: Sendable, Equatable {
    /// What `FileDescriptorName=` of the socket unit says.
    package enum Name: String, Sendable, CaseIterable {
        case token, admin
    }

    package let name: Name

    /// The open descriptor, the receiver's to close.
    package let descriptor: Int32

    /// Checks what was passed under `name`; its path, owner and mode are the socket unit's affair.
    init(name: String, descriptor: Int32) throws(PassedSocketError) {
        guard let known = Name(rawValue: name) else { throw .unknownName(name, descriptor: descriptor) }
        guard sd_is_socket_unix(descriptor, Int32(SOCK_STREAM.rawValue), 1, nil, 0) > 0 else {
            throw .notListeningUnixStream(name: name, descriptor: descriptor)
        }
        self.name = known
        self.descriptor = descriptor
    }
}

/// Why the sockets that the service manager passed cannot be used.
package enum PassedSocketError: Error, Sendable, Equatable {
    /// A descriptor with a name that is neither `token` nor `admin`.
    case unknownName(String, descriptor: Int32)

    /// A descriptor that is no listening AF_UNIX stream.
    case notListeningUnixStream(name: String, descriptor: Int32)

    /// `$LISTEN_FDS` and its kin are malformed.
    case malformedEnvironment(errno: Int32)
}

extension PassedSocketError: CustomStringConvertible {
    /// What is wrong, and what the operator can do about it.
    package var description: String {
        switch self {
        case .unknownName(let name, let descriptor):
            """
            the service manager passed descriptor \(descriptor) under the unknown name \(name.debugDescription). \
            Set FileDescriptorName= in the socket unit to token or admin
            """
        case .notListeningUnixStream(let name, let descriptor):
            """
            the passed socket \(name) (descriptor \(descriptor)) is not a listening Unix stream socket. \
            Give its socket unit one ListenStream= with a path
            """
        case .malformedEnvironment(let errno):
            """
            the service manager's $LISTEN_PID, $LISTEN_FDS and $LISTEN_FDNAMES are malformed (errno \(errno)). \
            Start the daemon from a socket unit, or without these variables
            """
        }
    }
}
