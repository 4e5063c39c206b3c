import Glibc
import LinuxHost

/// A cgroup of the unified hierarchy, gone with its parents when it is not used any more.
final class TestCgroup: Sendable {
    let name: String

    /// Where the unified hierarchy is mounted.
    private static let root: String? = {
        let mounts = (try? FileSystem.read("/proc/self/mounts", maximumBytes: 1 << 20)) ?? []
        for line in String(decoding: mounts, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count > 2, fields[2] == "cgroup2" { return String(fields[1]) }
        }
        return nil
    }()

    /// Whether this process may make cgroups beside all others.
    static var isPossible: Bool { geteuid() == 0 && root.map { unsafe access($0, W_OK) == 0 } ?? false }

    /// Makes the cgroup `name`, a path from the hierarchy's root.
    init(_ name: String) throws {
        self.name = name
        try FileSystem.createDirectory(path, mode: 0o755)
    }

    private var path: String { "\(Self.root ?? "")/\(name)" }

    /// Moves a process into it.
    func take(_ pid: pid_t) throws {
        let file = FileDescriptor(owning: unsafe open("\(path)/cgroup.procs", O_WRONLY | O_CLOEXEC))
        let text = Array("\(pid)".utf8)
        guard unsafe write(file.number, text, text.count) == text.count else {
            throw FixtureError.system("write", errno)
        }
    }

    deinit {
        var name = name[...]
        while !name.isEmpty, unsafe rmdir("\(Self.root ?? "")/\(name)") == 0 {
            name = name.lastIndex(of: "/").map { name[..<$0] } ?? ""
        }
    }
}
