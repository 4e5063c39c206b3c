/// A listening Unix stream socket that the service manager passed.
package struct PassedSocket: Sendable, Equatable {
    /// What `FileDescriptorName=` of the socket unit says.
    package enum Name: String, Sendable, CaseIterable {
        case token, admin
    }

    package let name: Name

    /// The open descriptor, the receiver's to close.
    package let descriptor: Int32
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
