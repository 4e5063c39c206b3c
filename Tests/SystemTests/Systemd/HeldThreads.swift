import Testing

/// The daemon's threads on a machine, held where a test says so by a library that is preloaded into it.
struct HeldThreads: Sendable {
    /// What a lock can hold that is never given back.
    enum Place: String, Sendable, CaseIterable, CustomTestStringConvertible {
        case sockets, refresh, store

        var testDescription: String {
            switch self {
            case .sockets: "the socket loop"
            case .refresh: "the refresh loop"
            case .store: "the store's thread"
            }
        }
    }

    private static let directory = "/run/held-threads"

    private let systemd: RealSystemd

    /// For the service's section.
    static let settings = """
        Environment=LD_PRELOAD=\(InstalledMachine.product("libHeldThreads.so")) HELD_THREADS=\(directory)
        ExecStopPost=+/bin/sh -c 'cd \(directory); rm -f sockets refresh store; \
        [ ! -p ended ] || echo "$SERVICE_RESULT $EXIT_STATUS" >ended'
        """

    /// Holds nothing yet.
    init(on systemd: RealSystemd) async throws {
        self.systemd = systemd
        try await systemd.succeed("rm", "-rf", Self.directory)
        try await systemd.succeed("mkdir", Self.directory)
    }

    /// Holds a thread for good. The next start is free.
    func hold(_ place: Place) throws { try systemd.write("", to: "\(Self.directory)/\(place.rawValue)") }

    /// Runs `body`, which lets the daemon end; returns how it ended, in systemd's words: its result and the signal.
    func end(of body: () async throws -> Void) async throws -> String {
        let pipe = "\(Self.directory)/ended"
        try await systemd.succeed("mkfifo", pipe)
        try await body()
        return try await Patience.wait(for: "the end of the daemon", evidence: { "" }) {
            try await systemd.succeed("sh", "-c", "cat \(pipe); rm \(pipe)")
        }
    }

    /// Has whoever synchronizes a file wait in the system call, as for a disk, until `freeDisk`.
    func stallDisk() async throws { try await systemd.succeed("mkfifo", "--mode=0644", "\(Self.directory)/disk") }

    func freeDisk() async throws {
        try await systemd.succeed("sh", "-c", "exec 3<>\(Self.directory)/disk; rm \(Self.directory)/disk")
    }
}

extension RealSystemd {
    /// Returns when this systemd has lost its patience with a service that keeps silent for `seconds`.
    func loseWatchdogPatience(_ seconds: Int) async throws {
        let ended = try await run([
            "systemd-run", "--quiet", "--wait", "--collect", "--property=Type=notify", "--property=NotifyAccess=all",
            "--property=WatchdogSec=\(seconds)s", "sh", "-c", "systemd-notify --ready; exec sleep infinity",
        ])
        guard ended.status != 0 else { throw CommandFailure(command: ["systemd-run"], ended: ended) }
    }
}
