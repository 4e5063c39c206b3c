internal import Glibc

/// A file that takes its name once it is whole; until then it stands beside it under another, and goes if it is given up.
package struct NewFile: ~Copyable {
    /// The name that it takes.
    package let path: String

    private let partial: String
    private let descriptor: FileDescriptor
    private let replacing: Bool
    private var isWhole = false

    /// Begins a file.
    ///
    /// - Parameter replacing: whether a regular file that has the name already is to go when this one is whole.
    package init(_ path: String, mode: UInt32, replacing: Bool) throws(HostError) {
        try Self.requireFree(path, replacing: replacing)
        let suffix = try SystemRandom.bytes(8).map { String($0, radix: 16) }.joined()
        let partial = "\(path).partial-\(suffix)"
        let number = unsafe open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard number >= 0 else { throw .last("cannot be created", path: path) }
        self.path = path
        self.partial = partial
        self.replacing = replacing
        descriptor = FileDescriptor(owning: number)
    }

    deinit { if !isWhole { unsafe unlink(partial) } }

    /// Adds `bytes` at its end.
    package func write(_ bytes: [UInt8]) throws(HostError) { try descriptor.write(bytes, path: path) }

    /// Gives it its name, durably; nothing can be added then.
    package mutating func commit() throws(HostError) {
        try FileSystem.synchronize(descriptor, path: path)
        try Self.requireFree(path, replacing: replacing)
        if replacing {
            try FileSystem.rename(partial, to: path)
        } else {
            try takeFreeName()
        }
        isWhole = true
    }

    /// Takes the name unless somebody took it since it was looked at.
    private func takeFreeName() throws(HostError) {
        if unsafe link(partial, path) == 0 {
            // Which makes that name durable too.
            return try FileSystem.remove(partial)
        }
        // FAT has no links.
        guard errno == EPERM || errno == EOPNOTSUPP else { throw .last("cannot be created", path: path) }
        try FileSystem.rename(partial, to: path)
    }

    private static func requireFree(_ path: String, replacing: Bool) throws(HostError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard replacing else { throw HostError("cannot be created", path: path, code: EEXIST) }
        // To replace a device or a directory is never meant.
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw HostError("cannot be replaced", path: path, code: EINVAL, reason: "it is no regular file")
        }
    }
}
