internal import Glibc

/// Room on the disk that is given up when there is no other (posix_fallocate(3)).
package struct ReserveFile: Sendable {
    private let path: String
    private let byteCount: Int64

    package init(path: String, byteCount: Int64) {
        self.path = path
        self.byteCount = byteCount
    }

    /// Whether the file is there with its full size, and the disk keeps the room for all of it.
    package var isPresent: Bool {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return status.st_size >= byteCount && Int64(status.st_blocks) * ReserveFile.blockBytes >= byteCount
    }

    /// What `st_blocks` counts in, whatever the file system's own blocks are (stat(3type)).
    private static let blockBytes: Int64 = 512

    /// Takes the room, durably; nothing when it is taken already.
    package func make() throws(HostError) {
        guard !isPresent else { return }
        let number = unsafe open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw .last("cannot be created", path: path) }
        let file = FileDescriptor(owning: number)
        do throws(HostError) {
            try allocate(file)
            try FileSystem.synchronize(file, path: path)
            try FileSystem.synchronizeDirectory(of: path)
        } catch {
            // A part of it would only take what others need.
            unsafe unlink(path)
            throw error
        }
    }

    private func allocate(_ file: borrowing FileDescriptor) throws(HostError) {
        while true {
            switch posix_fallocate(file.number, 0, Int(byteCount)) {
            case 0: return
            case EINTR: continue
            case let code: throw HostError("cannot be allocated", path: path, code: code)
            }
        }
    }

    /// Gives the room up, durably; nothing when there is none.
    package func release() throws(HostError) { try FileSystem.remove(path) }
}
