internal import LinuxHost
internal import Synchronization

/// Who may use the admin socket: root, the daemon's own user and the members of the admin group, whatever the file's mode.
final class Operators: Sendable {
    /// By what an operator is one.
    enum Standing: String, Sendable, Hashable {
        case root
        case daemonUser = "daemon_user"
        case adminGroup = "admin_group"
    }

    private let daemonUID: UInt32
    private let group: Mutex<UInt32?>

    init(daemonUID: UInt32, group: UInt32?) {
        self.daemonUID = daemonUID
        self.group = Mutex(group)
    }

    /// Returns whether it was another group before.
    func setGroup(_ gid: UInt32?) -> Bool {
        group.withLock { group in
            defer { group = gid }
            return group != gid
        }
    }

    func include(_ peer: PeerIdentity) -> Bool { standing(of: peer) != nil }

    /// Nil for who is no operator.
    func standing(of peer: PeerIdentity) -> Standing? {
        if peer.uid == 0 { return .root }
        if peer.uid == daemonUID { return .daemonUser }
        guard let gid = group.withLock({ $0 }), peer.gid == gid || peer.groups.contains(gid) else { return nil }
        return .adminGroup
    }
}
