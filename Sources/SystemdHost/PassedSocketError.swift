/// Why what the service manager passed cannot be used.
package enum PassedSocketError: Error, Sendable, Equatable {
    /// A descriptor with a name that is neither `token` nor `admin`, nor that of a stored one.
    case unknownName(String, descriptor: Int32)

    /// A descriptor that is no listening AF_UNIX stream.
    case notListeningUnixStream(name: String, descriptor: Int32)

    /// A descriptor of the store that is no file.
    case notStoredFile(name: String, descriptor: Int32)

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
        case .notStoredFile(let name, let descriptor):
            """
            the service manager passed descriptor \(descriptor) under the name \(name.debugDescription), \
            which is for the daemon's own files, and it is no file. Stop the service, which empties its store of \
            descriptors, and let nothing else use that name
            """
        case .malformedEnvironment(let errno):
            """
            the service manager's $LISTEN_PID, $LISTEN_FDS and $LISTEN_FDNAMES are malformed (errno \(errno)). \
            Start the daemon from a socket unit, or without these variables
            """
        }
    }
}
