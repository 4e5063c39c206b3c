import LinuxHost

/// How names of users and groups become numbers.
package struct PrincipalLookup: Sendable {
    package var uid: @Sendable (_ userName: String) -> UInt32?
    package var gid: @Sendable (_ groupName: String) -> UInt32?

    package init(
        uid: @escaping @Sendable (_ userName: String) -> UInt32?,
        gid: @escaping @Sendable (_ groupName: String) -> UInt32?
    ) {
        self.uid = uid
        self.gid = gid
    }

    /// The system's user database.
    package static let system = PrincipalLookup(
        uid: { UserDatabase.uid(of: $0) },
        gid: { UserDatabase.gid(of: $0) }
    )
}
