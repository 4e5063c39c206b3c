import Foundation
import Glibc

/// A cgroup of the unified hierarchy that looks like a system unit's, gone when it is not used any more.
final class TestCgroup: Sendable {
    /// The unit that processes in it are in.
    let unit: String

    private static let root: String? = {
        let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count > 2, fields[2] == "cgroup2" { return String(fields[1]) }
        }
        return nil
    }()

    /// Whether this process may make cgroups beside all others.
    static var isPossible: Bool {
        geteuid() == 0 && root.map { FileManager.default.isWritableFile(atPath: $0) } ?? false
    }

    /// - Parameter nested: a path below the unit's own cgroup, to be in.
    init(_ name: String, nested: String = "") throws {
        unit = "tokenbroker-test-\(getpid())-\(name).service"
        paths = [unit] + (nested.isEmpty ? [] : ["\(unit)/\(nested)"])
        for path in paths {
            try FileManager.default.createDirectory(
                atPath: "\(Self.root ?? "")/\(path)",
                withIntermediateDirectories: true
            )
        }
    }

    private let paths: [String]

    /// Runs a command in it.
    func run(_ command: String, environment: [String: String]) async throws -> Command {
        let procs = "\(Self.root ?? "")/\(paths[paths.count - 1])/cgroup.procs"
        return try await Command.run(
            "/bin/sh",
            ["-c", #"echo $$ > "$1" && exec \#(command)"#, "sh", procs],
            environment: environment
        )
    }

    deinit {
        // From below upwards; a cgroup's directory is removed by rmdir alone.
        var path = paths[paths.count - 1][...]
        while !path.isEmpty, unsafe rmdir("\(Self.root ?? "")/\(path)") == 0 {
            path = path.lastIndex(of: "/").map { path[..<$0] } ?? ""
        }
    }
}
