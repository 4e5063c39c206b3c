internal import CLinux
internal import Glibc

/// Unix stream sockets at a path.
package enum UnixSocket {
    /// What fits sockaddr_un besides its terminating zero.
    package static let longestPath = 107

    /// As many as wait to be accepted before `connect` blocks; the kernel cuts it to net.core.somaxconn.
    private static let backlog: Int32 = 4_096

    /// Listens at `path`, in place of the file that a daemon left there when it died.
    ///
    /// The caller holds its state lock. The new socket is made beside the old one and renamed over it, so that no
    /// caller finds the path empty.
    ///
    /// - Parameters:
    ///   - mode: who may connect, whatever the umask.
    ///   - group: the group that `mode` speaks of; nil for the process's own.
    package static func listen(_ path: String, mode: UInt32, group: UInt32? = nil) throws(HostError) -> FileDescriptor {
        let temporary = "\(path).\(getpid())"
        guard temporary.utf8.count <= longestPath else {
            throw HostError(
                "cannot be a socket",
                path: path,
                code: ENAMETOOLONG,
                reason: "its name has more than \(longestPath - (temporary.utf8.count - path.utf8.count)) bytes"
            )
        }
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try FileSystem.createDirectory(String(path[..<slash]), mode: 0o755)
        }
        try requireFree(path)
        let socket = FileDescriptor(owning: clinux_unix_stream(1))
        guard socket.number >= 0 else { throw .last("cannot be a socket", path: path) }
        unsafe unlink(temporary)
        guard unsafe clinux_unix_bind(socket.number, temporary) == 0 else { throw .last("cannot be bound", path: path) }
        // The group first: the mode would let the wrong one in for a moment.
        guard group.map({ unsafe chown(temporary, uid_t.max, $0) }) ?? 0 == 0,
            unsafe chmod(temporary, mode) == 0, Glibc.listen(socket.number, backlog) == 0,
            unsafe rename(temporary, path) == 0
        else {
            let error = HostError.last("cannot be listened at", path: path)
            unsafe unlink(temporary)
            throw error
        }
        return socket
    }

    /// Nothing, or a socket that nobody listens on.
    private static func requireFree(_ path: String) throws(HostError) {
        guard let status = FileSystem.status(path) else { return }
        guard status.isSocket else {
            throw HostError(
                "cannot be replaced",
                path: path,
                code: EEXIST,
                reason: "there is a file that is no socket"
            )
        }
        let probe = FileDescriptor(owning: clinux_unix_stream(1))
        guard unsafe clinux_unix_connect(probe.number, path) != 0, errno != EAGAIN else {
            throw HostError(
                "cannot be replaced",
                path: path,
                code: EADDRINUSE,
                reason: "another process is listening there"
            )
        }
        // Anything else, as a mode that shuts us out, does not say that nobody listens.
        guard errno == ECONNREFUSED || errno == ENOENT else { throw .last("cannot be replaced", path: path) }
    }

    /// A blocking connection whose reads and writes end after `timeout`.
    package static func connect(_ path: String, timeout: Duration) throws(HostError) -> UnixConnection {
        let socket = FileDescriptor(owning: clinux_unix_stream(0))
        guard socket.number >= 0 else { throw .last("cannot be connected to", path: path) }
        let connection = UnixConnection(socket, path: path)
        connection.setPatience(timeout)
        try connection.connect()
        return connection
    }

    /// Makes every read on what `listener` accepts say who wrote.
    package static func passCredentials(_ listener: Int32) throws(HostError) {
        guard clinux_pass_credentials(listener) == 0 else { throw .last("setsockopt(SO_PASSCRED)") }
    }
}

/// The client's end of a connection.
package struct UnixConnection: ~Copyable {
    private let descriptor: FileDescriptor
    private let path: String

    init(_ descriptor: consuming FileDescriptor, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    fileprivate func connect() throws(HostError) {
        guard unsafe clinux_unix_connect(descriptor.number, path) == 0 else {
            throw .last("cannot be connected to", path: path)
        }
    }

    /// To wait on, for what `receive` would return.
    package var number: Int32 { descriptor.number }

    /// Writes all of `bytes`.
    package func send(_ bytes: [UInt8]) throws(HostError) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    descriptor.number,
                    buffer.baseAddress! + sent,
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .last("cannot be written to", path: path) }
            sent += count
        }
    }

    /// Lets what follows wait for so long at most, each.
    package func setPatience(_ patience: Duration) {
        // All zeros would mean no limit.
        let (seconds, attoseconds) = max(patience, .microseconds(1)).components
        var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            unsafe setsockopt(descriptor.number, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    /// What came next; empty at the end.
    package func receive() throws(HostError) -> [UInt8] {
        while true {
            var (count, error) = (0, Int32(0))
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, used in
                count = unsafe recv(descriptor.number, buffer.baseAddress!, buffer.count, 0)
                error = errno
                used = max(0, count)
            }
            if count < 0 && error == EINTR { continue }
            guard count >= 0 else { throw HostError("cannot be read from", path: path, code: error) }
            return bytes
        }
    }
}

extension UnixSocket {
    /// Lets calls on `descriptor` return rather than wait; a service manager passes sockets that wait.
    package static func setNonblocking(_ descriptor: Int32) throws(HostError) {
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else { throw .last("fcntl(O_NONBLOCK)") }
    }
}
