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
