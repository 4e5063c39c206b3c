import Foundation
import Glibc
import Subprocess
import Testing

/// A file system of a few megabytes where a daemon has its state.
///
/// It is mounted in a namespace that a process of its own keeps, and is gone when that ends: with the test at the latest.
struct SmallDisk: Sendable {
    private static let size = "8m"

    private let keeper: Int32

    /// The state directory as this process sees it.
    let state: String

    /// What makes a daemon see it.
    var launcher: [String] { ["nsenter", "--mount=/proc/\(keeper)/ns/mnt", "--"] }

    private var ballast: String { "\(state)/ballast" }

    /// Takes every byte that is left.
    func fill() throws {
        let file = unsafe open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        defer { close(file) }
        let zeros = [UInt8](repeating: 0, count: 65_536)
        var count = zeros.count
        while count > 0 {
            let written = unsafe write(file, zeros, count)
            if written < 0 && errno != ENOSPC { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            if written <= 0 { count /= 2 }
        }
    }

    /// Gives back what `fill` took.
    func free() throws { try FileManager.default.removeItem(atPath: ballast) }

    /// Takes away what the daemon keeps in reserve.
    func removeReserve() throws { try FileManager.default.removeItem(atPath: "\(state)/reserve") }

    /// Runs `body` with such a file system under the state directory of `room`.
    static func with<Value: Sendable>(in room: Room, _ body: (SmallDisk) async throws -> Value) async throws -> Value {
        try FileManager.default.createDirectory(atPath: room.state, withIntermediateDirectories: true)
        let mount = "mount -t tmpfs -o size=\(size),mode=0700 tmpfs '\(room.state)'"
        return try await Subprocess.run(
            .name("unshare"),
            arguments: ["--mount", "sh", "-c", "\(mount) && echo mounted && exec cat"],
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { keeper in
            for try await line in keeper.standardOutput.strings() where line.hasPrefix("mounted") { break }
            let pid = keeper.processIdentifier.value
            let disk = SmallDisk(keeper: pid, state: "/proc/\(pid)/root\(room.state)")
            let value = try await body(disk)
            try await keeper.standardInputWriter.finish()
            return value
        }.closureResult
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs where this process may mount file systems; says that it was skipped elsewhere.
    static var needsMounts: Self {
        .enabled(if: MountCapability.isEffective, "skipped: only root may mount the small file system")
    }
}

/// CAP_SYS_ADMIN, which mount(2) asks for.
enum MountCapability {
    static let isEffective: Bool = {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let capabilities = line.flatMap { UInt64($0.split(whereSeparator: \.isWhitespace).last ?? "", radix: 16) } ?? 0
        return capabilities & (1 << 21) != 0
    }()
}
