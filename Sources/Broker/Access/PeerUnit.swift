/// The unit a caller runs in, as the kernel's cgroup names it.
package enum PeerUnit: Sendable, Hashable {
    /// A unit of the system's service manager.
    case system(String)

    /// A unit of the service manager of the user with this uid.
    case user(String, uid: UInt32)
}
