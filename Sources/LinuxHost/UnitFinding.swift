/// What is known of the unit that a process runs in.
package enum UnitFinding: Sendable, Hashable {
    case unit(SystemdUnit)

    /// Its cgroup is no unit's.
    case noUnit

    /// It may be in one or not.
    case unknown(UnitObstacle)

    /// What the cgroup of a process says, as `/proc/PID/cgroup` has it.
    package init(cgroup: String) {
        // A path that leads out of the daemon's cgroup namespace does not begin where the service manager's do.
        guard !SystemdUnit.hasDots(cgroup) else {
            self = .unknown(.cgroupHidden)
            return
        }
        self = SystemdUnit(cgroup: cgroup).map(UnitFinding.unit) ?? .noUnit
    }

    /// The unit, where it is known.
    package var unit: SystemdUnit? {
        if case .unit(let unit) = self { unit } else { nil }
    }
}

/// Why the unit of a process cannot be told.
package enum UnitObstacle: String, Error, Sendable, Hashable, CaseIterable {
    /// No rule looked at units when the process connected.
    case notLookedAt = "not_looked_at"

    /// The kernel does not say which process connected (SO_PEERPIDFD, Linux 6.5).
    case kernelCannotSay = "kernel_cannot_say"

    /// The process ended, be it that its parent has not noticed yet; its number may mean another.
    case processEnded = "process_ended"

    /// `/proc` does not show the process to the daemon.
    case processHidden = "process_hidden"

    /// The process's cgroup is outside of what the daemon sees of the unified hierarchy.
    case cgroupHidden = "cgroup_hidden"

    /// The process is outside of the daemon's process namespace, and has no number in it.
    case callerUnmapped = "caller_unmapped"

    /// The daemon had no descriptor left to hold the process by.
    case outOfDescriptors = "out_of_descriptors"

    /// What the operator is told of it, the end of a sentence.
    package var explanation: String {
        switch self {
        case .notLookedAt: "no rule looked at units when it connected"
        case .kernelCannotSay: "the kernel does not say which process connected (Linux 6.5 does)"
        case .processEnded: "the process that connected has ended"
        case .processHidden: "/proc hides the process from the daemon"
        case .cgroupHidden: "the process's cgroup is outside of what the daemon sees"
        case .callerUnmapped: "the process is outside of the daemon's process namespace"
        case .outOfDescriptors: "the daemon had no descriptor left to look at the process"
        }
    }
}
