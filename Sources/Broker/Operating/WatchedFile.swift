internal import LinuxHost

/// A file that the daemon works with by a descriptor, and others find by its path.
package struct WatchedFile: Sendable {
    private let path: String
    private let inode: UInt64?

    /// What does not work when it is gone, as in "callers cannot connect".
    private let consequence: String

    /// The file that is at `path` now.
    package init(path: String, consequence: String) {
        self.path = path
        self.consequence = consequence
        inode = FileSystem.status(path, followingLinks: true)?.inode
    }

    /// What is wrong with it, and what to do; nil when it is where it was.
    var loss: String? {
        let found = FileSystem.status(path, followingLinks: true)?.inode
        guard found != inode else { return nil }
        return "\(path) \(found == nil ? "was removed" : "was replaced"): \(consequence) until the daemon is restarted"
    }
}
