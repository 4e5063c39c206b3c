/// The unit that a cgroup belongs to.
package enum SystemdUnit: Sendable, Hashable {
    /// A unit of the system's manager.
    case system(String)

    /// A unit of the manager of the user with this uid.
    case user(String, uid: UInt32)

    /// The unit of the process in `cgroup`; nil when it is in none.
    ///
    /// The first component after the leading slices: whatever is below is the unit's own to name, and a unit that was
    /// given its cgroup to divide could name it like another.
    package init?(cgroup: String) {
        guard !Self.hasDots(cgroup) else { return nil }
        var components = cgroup.split(separator: "/", omittingEmptySubsequences: true)[...]
        if components.first == "user.slice" {
            self.init(userComponents: components.dropFirst())
            return
        }
        components = components.drop { $0.hasSuffix(".slice") }
        guard let unit = components.first.flatMap(Self.unit) else { return nil }
        self = .system(unit)
    }

    /// `user-1000.slice/user@1000.service/app.slice/sync.service`.
    private init?(userComponents: ArraySlice<Substring>) {
        guard let slice = userComponents.first, slice.hasPrefix("user-"), slice.hasSuffix(".slice"),
            let uid = UInt32(slice.dropFirst(5).dropLast(6)), slice == "user-\(uid).slice",
            userComponents.dropFirst().first == "user@\(uid).service"
        else { return nil }
        let rest = userComponents.dropFirst(2).drop { $0.hasSuffix(".slice") }
        guard let unit = rest.first.flatMap(Self.unit) else { return nil }
        self = .user(unit, uid: uid)
    }

    /// Whether the path goes up or stays, as the kernel writes those outside of the reader's cgroup namespace.
    static func hasDots(_ cgroup: String) -> Bool {
        cgroup.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }

    /// The name of the unit whose cgroup is called so; nil when no unit's is.
    private static func unit(_ component: Substring) -> String? {
        // systemd puts an underscore before a name that the kernel could take for its own, `memory.service`.
        let name = component.hasPrefix("_") ? component.dropFirst() : component
        let isUnit = [".service", ".scope"].contains { name.hasSuffix($0) && name.count > $0.count }
        return isUnit ? String(name) : nil
    }
}
