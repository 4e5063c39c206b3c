internal import CLinux
internal import Glibc

/// The few things that are done with files outside the database.
package enum FileSystem {
    /// What is known of a file without opening it.
    package struct Status: Sendable, Hashable {
        package let inode: UInt64
        package let owner: UInt32
        package let size: Int64
        /// Content and mode, whichever changed last (st_ctim).
        package let changed: Duration
        package let isSocket: Bool
    }

    /// Looks at a file; nil when it cannot be looked at.
    ///
    /// - Parameter followingLinks: whether to look at what a symbolic link points to in its place.
    package static func status(_ path: String, followingLinks: Bool = false) -> Status? {
        var status = stat()
        let result = followingLinks ? unsafe stat(path, &status) : unsafe lstat(path, &status)
        guard result == 0 else { return nil }
        return Status(
            inode: UInt64(status.st_ino),
            owner: status.st_uid,
            size: Int64(status.st_size),
            changed: .seconds(status.st_ctim.tv_sec) + .nanoseconds(status.st_ctim.tv_nsec),
            isSocket: status.st_mode & S_IFMT == S_IFSOCK
        )
    }

    /// Whether something has this name, be it a link that leads nowhere.
    package static func exists(_ path: String) -> Bool { status(path) != nil }

    /// The names in a directory, without `.` and `..`, in no order.
    package static func names(in path: String) throws(HostError) -> [String] {
        guard let directory = unsafe opendir(path) else { throw .last("cannot be listed", path: path) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let capacity = MemoryLayout.size(ofValue: unsafe entry.pointee.d_name)
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: capacity) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Makes a directory with its parents, which everybody may pass; one that exists is left as it is.
    ///
    /// - Parameter mode: of the directory, whatever the umask.
    package static func createDirectory(_ path: String, mode: UInt32) throws(HostError) {
        if unsafe mkdir(path, mode) != 0 {
            switch errno {
            case EEXIST:
                guard isDirectory(path) else {
                    throw HostError("cannot be made a directory", path: path, code: ENOTDIR)
                }
                return
            case ENOENT:
                // Slashes at the end are no name: what is before them would be made as a parent, with a parent's mode.
                let name = path.lastIndex { $0 != "/" }.map { path[...$0] } ?? ""
                guard let slash = name.lastIndex(of: "/"), slash > name.startIndex else {
                    throw .last("cannot be created", path: path)
                }
                try createDirectory(String(name[..<slash]), mode: 0o755)
                if unsafe mkdir(path, mode) != 0 {
                    guard errno == EEXIST else { throw .last("cannot be created", path: path) }
                    return
                }
            default:
                throw .last("cannot be created", path: path)
            }
        }
        // The daemon's umask would shut callers out of the directory that it makes for its sockets.
        guard unsafe chmod(path, mode) == 0 else { throw .last("cannot be given its mode", path: path) }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The whole content of a file of at most `maximumBytes`.
    package static func read(_ path: String, maximumBytes: Int) throws(HostError) -> [UInt8] {
        try SecretFile.read(path, maximumBytes: maximumBytes).bytes
    }

    /// Opens a file to be read piece by piece.
    package static func openForReading(_ path: String) throws(HostError) -> FileDescriptor {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard number >= 0 else { throw .last("cannot be opened", path: path) }
        return FileDescriptor(owning: number)
    }
}
