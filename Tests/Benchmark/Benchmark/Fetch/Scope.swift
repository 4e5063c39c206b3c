import Benchmarking
import Glibc
import LinuxHost

/// A unit for the load generator to run in, where this machine lets us have one.
final class Scope {
    /// The keys of a rule that it fits.
    let rule: String

    /// What becomes a program in it, whose path and arguments follow.
    let launcher: [String]

    /// A control group to be removed.
    private let group: String?

    private init(rule: String, launcher: [String], group: String? = nil) {
        self.rule = rule
        self.launcher = launcher
        self.group = group
    }

    deinit { if let group { unsafe rmdir(group) } }

    /// A scope of the service manager's; without one, a control group that looks like it, which only root can make.
    static func find() -> Scope? {
        let name = "tokenbroker-benchmark-\(CurrentProcess.pid).scope"
        let isRoot = CurrentProcess.uid == 0
        if FileSystem.exists("/run/systemd/system") {
            let manager = isRoot ? [] : ["--user"]
            let launcher = ["systemd-run"] + manager + ["--scope", "--quiet", "--collect", "--unit=\(name)", "--"]
            guard let trial = try? ChildProcess(launcher[0], launcher.dropFirst() + ["true"], errors: .nothing),
                trial.wait().status == 0
            else { return nil }
            let rule = isRoot ? "unit = \"\(name)\"" : "user = \(CurrentProcess.uid), user_unit = \"\(name)\""
            return Scope(rule: rule, launcher: launcher)
        }
        guard isRoot, let hierarchy = unifiedHierarchy else { return nil }
        let group = "\(hierarchy)/\(name)"
        guard (try? FileSystem.createDirectory(group, mode: 0o755)) != nil else { return nil }
        let script = "echo $$ > \(group)/cgroup.procs && exec \"$@\""
        return Scope(rule: "unit = \"\(name)\"", launcher: ["sh", "-c", script, "sh"], group: group)
    }

    /// Where the hierarchy of the second version is mounted.
    private static var unifiedHierarchy: String? {
        guard let mounts = try? FileSystem.read("/proc/self/mounts", maximumBytes: 1 << 20) else { return nil }
        for line in String(decoding: mounts, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count > 2, fields[2] == "cgroup2" { return String(fields[1]) }
        }
        return nil
    }
}
