internal import Glibc

/// What the kernel refused: the call, what it was about, and why.
package struct HostError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The system call or what it was for.
    package let operation: String

    /// The path it was about, when there is one.
    package let path: String?

    /// errno(3).
    package let code: Int32

    /// What to say in place of errno's text.
    private let reason: String?

    package init(_ operation: String, path: String? = nil, code: Int32, reason: String? = nil) {
        self.operation = operation
        self.path = path
        self.code = code
        self.reason = reason
    }

    /// The call that just failed, by errno.
    package static func last(_ operation: String, path: String? = nil) -> HostError {
        HostError(operation, path: path, code: errno)
    }

    /// Whether what was asked for is not there.
    package var isNotFound: Bool { code == ENOENT }

    /// Whether the process may not do it.
    package var isPermission: Bool { code == EACCES || code == EPERM }

    /// Whether nobody listens at a socket.
    package var isRefused: Bool { code == ECONNREFUSED }

    /// Whether the other end of a connection is gone.
    package var isHangUp: Bool { code == EPIPE || code == ECONNRESET }

    /// Whether the time given to it is over.
    package var isTimeout: Bool { code == EAGAIN || code == ETIMEDOUT }

    /// Whether it says nothing of what was asked for, but that the machine or the process lacks something now.
    package var isShortage: Bool { [EMFILE, ENFILE, ENOMEM, ENOBUFS, EIO].contains(code) }

    /// Whether another holds the address.
    package var isTaken: Bool { code == EADDRINUSE }

    /// Whether what was to be made was there.
    package var alreadyExists: Bool { code == EEXIST }

    /// Whether a path is to blame that no file can have.
    package var isUnusablePath: Bool { [ENOENT, ENOTDIR, EISDIR, EINVAL, ENAMETOOLONG, ELOOP].contains(code) }

    /// Why, in the system's words: `No such file or directory`.
    package var why: String { unsafe reason ?? String(cString: strerror(code)) }

    package var description: String {
        path.map { "\($0): \(operation): \(why)" } ?? "\(operation): \(why)"
    }
}
