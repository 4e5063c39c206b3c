internal import LinuxHost

/// What tells one content of a file from another without reading it.
struct FileStamp: Sendable, Hashable {
    let inode: UInt64
    let size: Int64
    let changed: Duration

    /// Nil when there is no such file, or it may not be looked at.
    init?(path: String) {
        // Secrets are often replaced by pointing a link elsewhere, which leaves the link itself or one above it alone.
        guard let status = FileSystem.status(path, followingLinks: true) else { return nil }
        inode = status.inode
        size = status.size
        changed = status.changed
    }
}

extension ClientConfiguration {
    /// One stamp for each file that what it proves itself with may be in.
    var secretStamp: [FileStamp?] { (secrets + certificate + assertion.privateKey).map(\.stamp) }

    /// The same for a first refresh token.
    var firstTokenStamp: [FileStamp?] { firstRefreshToken.map(\.stamp) }
}

extension SecretSource {
    /// Nil for what is in no file, or in one that is not there.
    fileprivate var stamp: FileStamp? {
        if case .file(let path) = self { FileStamp(path: path) } else { nil }
    }
}
