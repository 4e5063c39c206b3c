import Glibc

/// The user and groups that a process is to have.
///
/// Taken on by the process itself: a program that is run by another user has to be where that user may read it, and so
/// have its libraries.
struct Identity {
    private let uid: uid_t
    private let gid: gid_t
    private let groups: [gid_t]

    /// `UID:GID`, or `UID:GID:GROUP,…` with supplementary groups.
    init(_ text: String) throws(Failure) {
        let parts = text.split(separator: ":")
        let groups = parts.count > 2 ? parts[2].split(separator: ",").map { gid_t($0) } : []
        guard (2...3).contains(parts.count), let uid = uid_t(parts[0]), let gid = gid_t(parts[1]),
            !groups.contains(nil)
        else { throw Failure("\(text) is not UID:GID[:GROUP,…]") }
        self.uid = uid
        self.gid = gid
        self.groups = groups.compactMap(\.self)
    }

    /// Becomes it, for good.
    func assume() throws(Failure) {
        guard unsafe setgroups(groups.count, groups) == 0 else { throw .last("setgroups") }
        guard setgid(gid) == 0 else { throw .last("setgid") }
        guard setuid(uid) == 0 else { throw .last("setuid") }
    }
}
