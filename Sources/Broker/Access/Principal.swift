/// A user or group as the operator wrote it.
package enum Principal: Sendable, Hashable {
    case name(String)
    case number(UInt32)

    /// Whether `number`, a uid or gid, means someone else tomorrow or nobody at all, so that no rule may trust it.
    ///
    /// systemd gives 61184 to 65519 to services with `DynamicUser=` and takes them back when they stop; 65534 stands
    /// for every user that a user namespace does not map.
    package static func isRecycled(_ number: UInt32) -> Bool {
        (61184...65519).contains(number) || number == overflow
    }

    /// The uid and gid that stand for what a user namespace does not map.
    static let overflow: UInt32 = 65534
}

/// A name of a user or group in a rule.
package enum PrincipalName: Sendable, Hashable {
    case user(String)
    case group(String)
}
