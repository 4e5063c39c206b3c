internal import Glibc

/// A file with a secret in it, and whether others could have read it.
package struct SecretFile: Sendable {
    /// What is in it, for the one who reads it to wipe.
    package var bytes: [UInt8]

    /// Whether the file's mode lets its group or everybody read it.
    package let isReadableByOthers: Bool

    /// A shell's `<(…)` is given this long to say something; milliseconds.
    private static let pipePatience: Int32 = 5_000

    /// Reads a file, or a pipe to its end, of at most `maximumBytes`; more is an error, not cut.
    package static func read(_ path: String, maximumBytes: Int) throws(HostError) -> SecretFile {
        // Without O_NONBLOCK the opening of a pipe that nobody writes to would never return.
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard number >= 0 else { throw .last("cannot be opened", path: path) }
        let file = FileDescriptor(owning: number)
        var status = stat()
        guard unsafe fstat(file.number, &status) == 0 else { throw .last("cannot be looked at", path: path) }
        switch status.st_mode & S_IFMT {
        case S_IFREG, S_IFIFO: break
        case S_IFDIR: throw HostError("cannot be read", path: path, code: EISDIR)
        default: throw HostError("cannot be read", path: path, code: EINVAL, reason: "it is neither a file nor a pipe")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: min(maximumBytes + 1, 65_536))
        defer { buffer.overwrite(buffer.count) }
        while true {
            let count = unsafe Glibc.read(file.number, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN {
                guard waitForWriter(file.number) else {
                    throw HostError("cannot be read", path: path, code: ETIMEDOUT)
                }
                continue
            }
            guard count >= 0 else { throw .last("cannot be read", path: path) }
            if count == 0 { break }
            bytes.append(overwriting: buffer[..<count])
            guard bytes.count <= maximumBytes else {
                bytes.overwrite(bytes.count)
                throw HostError("cannot be read", path: path, code: EFBIG, reason: "more than \(maximumBytes) bytes")
            }
        }
        return SecretFile(bytes: bytes, isReadableByOthers: status.st_mode & 0o044 != 0)
    }

    private static func waitForWriter(_ pipe: Int32) -> Bool {
        var descriptor = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&descriptor, 1, pipePatience) != 0
    }
}
