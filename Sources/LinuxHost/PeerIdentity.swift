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

/// The process that connected, held by a descriptor, so that its number cannot come to mean another.
package final class PeerProcess: Sendable {
    private let pidfd: Int32

    /// Nil on kernels before 6.5, which cannot say.
    package init?(ofPeer descriptor: Int32) {
        pidfd = clinux_peer_pidfd(descriptor)
        guard pidfd >= 0 else { return nil }
    }

    deinit { if pidfd >= 0 { close(pidfd) } }

    /// The cgroup of the process, `/system.slice/billing.service`; nil when it ended or may not be looked at.
    ///
    /// Read by the number, then held against the descriptor: a process that had not ended after the reading is the
    /// one that was read.
    package func cgroup(pid: Int32) -> String? {
        guard let bytes = try? FileSystem.read("/proc/\(pid)/cgroup", maximumBytes: 4_096), isRunning else {
            return nil
        }
        // The unified hierarchy's line is `0::PATH` (cgroups(7)).
        let line = bytes.split(separator: 0x0A).first { $0.starts(with: Array("0::".utf8)) }
        return line.map { String(decoding: $0.dropFirst(3), as: UTF8.self) }
    }

    /// A zombie still takes signals; a readable pidfd is the proof that it ended (pidfd_open(2)).
    private var isRunning: Bool {
        var descriptor = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&descriptor, 1, 0) == 0
    }
}
