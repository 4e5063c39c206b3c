import Glibc
import Subprocess
import SystemPackage

/// The real daemon on a room's configuration.
struct RunningDaemon: Sendable {
    let room: Room
    let pid: Int32
    fileprivate let notify: NotifySocket

    /// The next thing the daemon tells the service manager that `matches`; nil when it ended without.
    func notified(_ matches: @Sendable (String) -> Bool) async -> String? { await notify.wait(for: matches) }

    func signal(_ number: Int32) { kill(pid, number) }

    /// Ends it as a crash does; returns when it is gone.
    func crash() async {
        signal(SIGKILL)
        _ = await notified { _ in false }
    }
}

/// The daemon ended before it was ready.
struct EndedEarly: Error, CustomStringConvertible {
    let log: String
    var description: String { "tokenbrokerd ended before it was ready:\n\(log)" }
}

/// Runs the daemon, `body` once it says that it is ready, and ends it as a service manager does.
///
/// - Parameter launcher: A command that becomes the daemon, whose path and arguments follow.
/// - Returns: its exit status, or a signal's number, negative, when one ended it; and what `body` returned.
@discardableResult
func withDaemon<Value: Sendable>(
    in room: Room,
    environment: [String: String] = [:],
    through launcher: [String] = [],
    _ body: (RunningDaemon) async throws -> Value
) async throws -> (status: Int32, value: Value) {
    let notify = try NotifySocket()
    let log = try FileDescriptor.open(
        FilePath(room.logFile),
        .writeOnly,
        options: [.create, .append, .closeOnExec],
        permissions: .ownerReadWrite
    )
    let command = launcher + [Binaries.tokenbrokerd, "--config", room.configuration]
    let ended = try await Subprocess.run(
        launcher.isEmpty ? .path(FilePath(command[0])) : .name(command[0]),
        arguments: Arguments(Array(command.dropFirst())),
        environment: .inherit.updating(["NOTIFY_SOCKET": notify.path]).updating(named: environment),
        input: .none,
        output: .sequence,
        error: .fileDescriptor(log, closeAfterSpawningProcess: true)
    ) { process in
        let pid = process.processIdentifier.value
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Nothing is said there; its end is the daemon's.
                for try await _ in process.standardOutput {}
                notify.close()
            }
            do {
                let daemon = RunningDaemon(room: room, pid: pid, notify: notify)
                guard await daemon.notified({ $0.contains("READY=1") }) != nil else { throw EndedEarly(log: room.log) }
                let value = try await body(daemon)
                kill(pid, SIGTERM)
                try await group.waitForAll()
                return value
            } catch {
                kill(pid, SIGKILL)
                throw error
            }
        }
    }
    return (ended.terminationStatus.number, ended.closureResult)
}
