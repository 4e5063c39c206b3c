internal import CLinux
internal import Glibc

/// How much of its callers this process can tell, as its kernel, namespaces and mounts let it.
package struct HostView: Sendable, Hashable {
    /// The users and groups that it can tell from one another.
    package var users: IDMap
    package var groups: IDMap

    /// Whether the kernel says which process connected (SO_PEERPIDFD).
    package var namesPeerProcesses: Bool

    /// Why it does not see callers' cgroups; nil when it does.
    package var cgroupObstacle: CgroupObstacle?

    /// A view with nothing in the way, but for what is given.
    package init(
        users: IDMap = .whole,
        groups: IDMap = .whole,
        namesPeerProcesses: Bool = true,
        cgroupObstacle: CgroupObstacle? = nil
    ) {
        self.users = users
        self.groups = groups
        self.namesPeerProcesses = namesPeerProcesses
        self.cgroupObstacle = cgroupObstacle
    }

    /// The view of this process now.
    package static func current() -> HostView {
        HostView(
            users: map("/proc/self/uid_map"),
            groups: map("/proc/self/gid_map"),
            // What could not be asked is no reason to warn.
            namesPeerProcesses: clinux_names_peer_process() != 0,
            cgroupObstacle: CgroupObstacle(.current())
        )
    }

    /// A kernel without user namespaces has no such file, and a process that sees none has worse to be told.
    private static func map(_ path: String) -> IDMap { text(path).map(IDMap.init) ?? .whole }

    /// A machine with thousands of mounts has some hundred KiB of them.
    private static let longestFile = 4 << 20

    fileprivate static func text(_ path: String) -> String? {
        (try? FileSystem.read(path, maximumBytes: longestFile)).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Which numbers of users or groups the process's user namespace has (user_namespaces(7)).
///
/// All others look like the overflow number, 65534, to it.
package struct IDMap: Sendable, Hashable {
    private let ranges: [ClosedRange<UInt32>]

    /// The map of the initial namespace, in which every number is itself.
    package static let whole = IDMap("0 0 4294967295")

    /// What `/proc/PID/uid_map` or `gid_map` says: lines of the first number inside, the first outside, and how many.
    package init(_ text: String) {
        let ranges = text.split(separator: "\n").compactMap { line -> ClosedRange<UInt32>? in
            let numbers = line.split { $0 == " " || $0 == "\t" }.map { UInt32($0) }
            guard numbers.count == 3, let first = numbers[0], let count = numbers[2], count > 0 else { return nil }
            let (last, isOver) = first.addingReportingOverflow(count - 1)
            return isOver ? nil : first...last
        }
        self.ranges = ranges.sorted { $0.lowerBound < $1.lowerBound }
    }

    /// Whether a caller with this number can be told from others.
    package func contains(_ number: UInt32) -> Bool { ranges.contains { $0.contains(number) } }

    /// Whether it has every number that a user or group can have; 4294967295 stands for none (credentials(7)).
    package var isWhole: Bool {
        var next: UInt32 = 0
        for range in ranges {
            guard range.lowerBound <= next else { return false }
            guard range.upperBound < .max - 1 else { return true }
            next = max(next, range.upperBound + 1)
        }
        return false
    }
}

/// Why a process does not see the cgroups of others.
package enum CgroupObstacle: String, Sendable, Hashable, CaseIterable {
    /// There is no `/proc`.
    case noProc = "no_proc"

    /// `/proc` shows a process none but its own user's.
    case processesHidden = "processes_hidden"

    /// The machine has no unified hierarchy.
    case noUnifiedHierarchy = "no_unified_hierarchy"

    /// It is in a cgroup namespace, and others are outside of it.
    case cgroupNamespace = "cgroup_namespace"

    /// What it is judged by.
    struct Evidence: Sendable {
        /// `/proc/self/cgroup`.
        var own: String?

        /// `/proc/1/cgroup`; nil when it cannot be read.
        var first: String?

        /// `/proc/self/mountinfo`.
        var mounts = ""

        /// `/proc/self/status`.
        var status = ""

        static func current() -> Evidence {
            Evidence(
                own: HostView.text("/proc/self/cgroup"),
                first: HostView.text("/proc/1/cgroup"),
                mounts: HostView.text("/proc/self/mountinfo") ?? "",
                status: HostView.text("/proc/self/status") ?? ""
            )
        }
    }

    /// Nil when nothing is in the way.
    init?(_ evidence: Evidence) {
        guard let own = evidence.own else {
            self = .noProc
            return
        }
        // Whoever else a process sees, it sees the first one, unless that is its own user's.
        guard let first = evidence.first, !evidence.hidesProcesses else {
            self = .processesHidden
            return
        }
        let paths = [own, first].map { PeerProcess.unifiedCgroup(Array($0.utf8)) }
        guard !paths.contains(nil) else {
            self = .noUnifiedHierarchy
            return
        }
        guard paths.contains(where: { SystemdUnit.hasDots($0 ?? "") }) else { return nil }
        self = .cgroupNamespace
    }
}

extension CgroupObstacle.Evidence {
    /// Whether `/proc` is mounted so that this process sees its own user's processes only (proc(5), `hidepid=`).
    fileprivate var hidesProcesses: Bool {
        guard let options = procOptions else { return false }
        func value(_ name: String) -> Substring? {
            options.last { $0.hasPrefix("\(name)=") }.map { $0.dropFirst(name.count + 1) }
        }
        switch value("hidepid") {
        case nil, "0", "off": return false
        case "4", "ptraceable": return !mayTrace
        default: return !mayTrace && !isMember(of: value("gid").flatMap { UInt32($0) } ?? 0)
        }
    }

    /// The options of what is mounted at `/proc`, the last of several.
    private var procOptions: [Substring]? {
        let fields = mounts.split(separator: "\n").map { $0.split(separator: " ") }
            .last { $0.count > 5 && $0[4] == "/proc" }
        guard let fields, let separator = fields.lastIndex(of: "-"), separator + 3 < fields.count else { return nil }
        return (fields[5].split(separator: ",") + fields[separator + 3].split(separator: ","))
    }

    /// CAP_SYS_PTRACE, the 19th bit.
    private var mayTrace: Bool {
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let digits = line?.dropFirst(7).drop { $0 == "\t" || $0 == " " }
        return digits.flatMap { UInt64($0, radix: 16) }.map { $0 >> 19 & 1 == 1 } ?? false
    }

    private func isMember(of gid: UInt32) -> Bool {
        guard let identity = PeerIdentity(pid: 1, status: status) else { return false }
        return identity.gid == gid || identity.groups.contains(gid)
    }
}
