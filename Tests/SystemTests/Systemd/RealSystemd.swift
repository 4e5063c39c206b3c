import Foundation
import Glibc
import Subprocess
import SystemPackage
import Testing

/// This machine's own systemd, or that of the root file system that `$TOKENBROKER_SYSTEMD_ROOT` names, booted by the
/// script beside this file as the first process of namespaces of its own, on files that are thrown away: a whole machine
/// with nothing but loopback and none of this one's units.
///
/// It ends with the test run at the latest.
struct RealSystemd: Sendable {
    /// The root file system whose systemd is booted.
    private static let root = ProcessInfo.processInfo.environment["TOKENBROKER_SYSTEMD_ROOT"] ?? "/"

    /// A file or directory of this machine that stands at `target` there.
    struct Binding: Sendable {
        let source: String
        let target: String
    }

    /// The booted systemd, by its number here.
    private let pid: Int32

    /// Where the build's products are found there, by every user.
    static let products = "/usr/local/lib/tokenbroker-products"

    /// Where they, and only they, find the Swift runtime.
    static let swiftRuntime = "/usr/local/lib/swift-runtime"

    /// A toolchain may be where only its owner can read it.
    private static let environment = [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8",
        "LD_LIBRARY_PATH=\(swiftRuntime)",
    ]
}

// MARK: - Booting

extension RealSystemd {
    /// It did not boot.
    struct BootFailure: Error, CustomStringConvertible {
        let said: String
        var description: String { "systemd did not boot: \(said)" }
    }

    /// Boots, runs `body`, and ends everything there, whatever happens.
    static func withBooted<Value: Sendable>(
        binding bindings: [Binding] = [],
        _ body: (RealSystemd) async throws -> Value
    ) async throws -> Value {
        let own = [
            Binding(source: Binaries.directory, target: products),
            Binding(source: try await runtimeDirectory(), target: swiftRuntime),
        ]
        let notify = try NotifySocket()
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "boot").path
        let ended = try await Subprocess.run(
            .path(FilePath(script)),
            arguments: Arguments([root, notify.path] + (own + bindings).map { "\($0.source):\($0.target)" }),
            input: .inputWriter,
            output: .sequence,
            error: .string(limit: 1 << 20)
        ) { boot -> Value? in
            let (numbers, continuation) = AsyncStream<Int32>.makeStream()
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for try await line in boot.standardOutput.strings() {
                        if let number = Int32(line.trimmingCharacters(in: .newlines)) { continuation.yield(number) }
                    }
                    // Its end is that of the machine.
                    continuation.finish()
                    notify.close()
                }
                let outcome: Result<Value?, any Error>
                do {
                    outcome = .success(try await booted(numbers, notify).asyncMap(body))
                } catch {
                    outcome = .failure(error)
                }
                try await boot.standardInputWriter.finish()
                try await group.waitForAll()
                return try outcome.get()
            }
        }
        guard let value = ended.closureResult else { throw BootFailure(said: ended.standardError) }
        return value
    }

    /// Nil when it ended before it had booted.
    private static func booted(_ numbers: AsyncStream<Int32>, _ notify: NotifySocket) async throws -> RealSystemd? {
        var iterator = numbers.makeAsyncIterator()
        guard let pid = await iterator.next(), await notify.wait(for: { $0.contains("READY=1") }) != nil else {
            return nil
        }
        let systemd = RealSystemd(pid: pid)
        // What services of other users need to find the libraries, too.
        try await systemd.succeed("systemctl", "set-environment", "LD_LIBRARY_PATH=\(swiftRuntime)")
        return systemd
    }

    /// Where the products have Swift's libraries from.
    static func runtimeDirectory() async throws -> String {
        let libraries = try await Command.run("ldd", [Binaries.testCaller]).output
        guard let line = libraries.split(separator: "\n").first(where: { $0.contains("libswiftCore.so => /") }),
            let path = line.split(separator: " ").dropFirst(2).first
        else { throw BootFailure(said: "nothing says where Swift's libraries are: \(libraries)") }
        return URL(filePath: String(path)).deletingLastPathComponent().path
    }
}

extension Optional {
    fileprivate func asyncMap<Value>(_ transform: (Wrapped) async throws -> Value) async throws -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}

// MARK: - Using

extension RealSystemd {
    /// A command that was to succeed did not.
    struct CommandFailure: Error, CustomStringConvertible {
        let command: [String]
        let ended: Command

        var description: String {
            "\(command.joined(separator: " ")) ended with \(ended.status): \(ended.output)\(ended.errors)"
        }
    }

    /// What makes a command run there, as root and in no unit.
    private var entrance: [String] {
        ["--target", "\(pid)", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd", "--"]
            + ["env", "-i"] + Self.environment
    }

    /// Runs a command there to its end.
    func run(_ command: [String], input: String = "") async throws -> Command {
        try await Command.run("nsenter", entrance + command, input: input)
    }

    /// Runs a command there that must succeed, and returns what it said.
    @discardableResult
    func succeed(_ command: String...) async throws -> String {
        let ended = try await run(command)
        guard ended.status == 0 else { throw CommandFailure(command: command, ended: ended) }
        return ended.output.trimmingCharacters(in: .newlines)
    }

    /// Runs `body` with the first line that a command says there, and lets it go on until then.
    func whileRunning<Value: Sendable>(
        _ command: [String],
        _ body: (String) async throws -> Value
    ) async throws -> Value {
        try await Command.whileRunning("nsenter", entrance + command, body)
    }

    /// The same, with what the command said from its second line on.
    func whileTalking<Value: Sendable>(
        _ command: [String],
        _ body: (String) async throws -> Value
    ) async throws -> (value: Value, rest: String) {
        try await Command.whileTalking("nsenter", entrance + command, body)
    }

    /// Where this machine's processes find a file there.
    func outside(_ path: String) -> String { "/proc/\(pid)/root\(path)" }

    /// Writes a file there, and the directories above it.
    func write(_ text: String, to path: String) throws {
        let file = URL(filePath: outside(path))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
    }

    /// Starts a unit; says what its log says when it fails.
    func start(_ unit: String) async throws {
        let ended = try await run(["systemctl", "start", unit])
        guard ended.status != 0 else { return }
        let log = try await run(["journalctl", "--no-pager", "--output=cat", "--lines=30", "--unit", unit])
        throw CommandFailure(
            command: ["systemctl", "start", unit],
            ended: Command(status: ended.status, output: log.output, errors: ended.errors)
        )
    }

    /// Stops a unit.
    func stop(_ unit: String) async throws { try await succeed("systemctl", "stop", unit) }

    /// One property of a unit, as `systemctl show` has it.
    func property(_ name: String, of unit: String) async throws -> String {
        try await succeed("systemctl", "show", "--property", name, "--value", unit)
    }
}

// MARK: - Where it can be had

extension RealSystemd {
    /// Why it cannot be booted here; nil where it can.
    static let obstacle: String? = {
        if geteuid() != 0 { return "only root may boot a systemd" }
        if !MountCapability.isEffective { return "this process may not mount file systems" }
        let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        if !mounts.contains(" cgroup2 ") { return "no cgroup2 file system is mounted" }
        // One that is asked for by name and is not there is a failure.
        if root == "/", !FileManager.default.isExecutableFile(atPath: "/lib/systemd/systemd") {
            return "there is no systemd"
        }
        return nil
    }()
}

extension Trait where Self == ConditionTrait {
    /// Runs where a systemd can be booted; says why it was skipped elsewhere.
    static var needsRealSystemd: Self {
        .enabled(if: RealSystemd.obstacle == nil, "skipped: \(RealSystemd.obstacle ?? "")")
    }
}
