internal import CLinux
internal import Glibc

/// Who connected, as the kernel noted it at `connect` (SO_PEERCRED, SO_PEERGROUPS).
package struct PeerIdentity: Sendable, Equatable {
    package var pid: Int32
    package var uid: UInt32
    package var gid: UInt32

    /// Supplementary groups.
    package var groups: [UInt32]

    package init(pid: Int32, uid: UInt32, gid: UInt32, groups: [UInt32]) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
        self.groups = groups
    }

    /// The kernel's own limit on a process's groups (NGROUPS_MAX).
    private static let maximumGroups = 65_536

    /// The process at the other end of the connected socket `descriptor`.
    package static func ofPeer(_ descriptor: Int32) throws(HostError) -> PeerIdentity {
        var credentials = clinux_credentials()
        guard unsafe clinux_peer_credentials(descriptor, &credentials) == 0 else {
            throw .last("getsockopt(SO_PEERCRED)")
        }
        var groups = [UInt32](repeating: 0, count: 32)
        var count = unsafe clinux_peer_groups(descriptor, &groups, Int32(groups.count))
        if count < 0 && errno == ERANGE {
            groups = [UInt32](repeating: 0, count: maximumGroups)
            count = unsafe clinux_peer_groups(descriptor, &groups, Int32(groups.count))
        }
        guard count >= 0 else { throw .last("getsockopt(SO_PEERGROUPS)") }
        return PeerIdentity(
            pid: credentials.pid,
            uid: credentials.uid,
            gid: credentials.gid,
            groups: Array(groups.prefix(Int(count)))
        )
    }
}
