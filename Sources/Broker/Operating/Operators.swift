internal import LinuxHost
internal import Synchronization

/// Who may use the admin socket: root, the daemon's own user and the members of the admin group, whatever the file's mode.
final class Operators: Sendable {
    private let daemonUID: UInt32
    private let group: Mutex<UInt32?>

    init(daemonUID: UInt32, group: UInt32?) {
        self.daemonUID = daemonUID
        self.group = Mutex(group)
    }

    func setGroup(_ gid: UInt32?) { group.withLock { $0 = gid } }

    func include(_ peer: PeerIdentity) -> Bool {
        if peer.uid == 0 || peer.uid == daemonUID { return true }
        guard let gid = group.withLock({ $0 }) else { return false }
        return peer.gid == gid || peer.groups.contains(gid)
    }
}
