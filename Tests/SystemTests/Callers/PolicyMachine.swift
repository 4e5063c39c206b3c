import Foundation
import LocalAPI
import Testing

/// A machine with the daemon as it is installed, a client for every policy, and the units and users that call.
struct PolicyMachine: Sendable {
    private let installed: InstalledMachine

    private var systemd: RealSystemd { installed.systemd }

    /// The one that the suite's tests share.
    @TaskLocal static var shared: PolicyMachine?

    /// What a caller was answered; it is there, with its connection open, for as long as the closure that gets this runs.
    struct Answer: Decodable, Sendable {
        /// The caller, by its number on the machine.
        let pid: Int32
        let uid: UInt32
        let status: Int
        let error: String?
    }
}

// MARK: - Setting up

extension PolicyMachine {
    /// Boots the machine, runs `body`, and throws it away.
    static func with(_ body: (PolicyMachine) async throws -> Void) async throws {
        try await InstalledMachine.with(users: CallingProcess.sysusers) { installed in
            let machine = PolicyMachine(installed: installed)
            try await machine.install()
            try await machine.systemd.start(InstalledMachine.tokenUnit)
            try await machine.systemd.start(InstalledMachine.service)
            try await body(machine)
        }
    }

    private func install() async throws {
        try installed.configure(Policy.allCases.map { $0.client(at: InstalledMachine.tokenEndpoint) })
        for (name, text) in CallingProcess.units { try systemd.write(text, to: "/etc/systemd/system/\(name)") }
        for (name, text) in CallingProcess.userUnits { try systemd.write(text, to: "/etc/systemd/user/\(name)") }
        try await systemd.succeed("systemctl", "daemon-reload")
    }
}

// MARK: - Calling

extension PolicyMachine {
    /// Lets `caller` ask for `request`, and runs `body` with what it was answered while it is still there.
    func answer<Value: Sendable>(
        to request: String,
        of caller: CallingProcess,
        _ body: (Answer) async throws -> Value
    ) async throws -> Value {
        switch caller.origin {
        case .command(let identity):
            return try await whileAsking([], request, as: identity, body)
        case .scope(let name, let slice, let identity):
            let launcher = ["systemd-run", "--quiet", "--scope", "--collect", "--unit=\(name)", "--slice=\(slice)"]
            return try await whileAsking(launcher, request, as: identity, body)
        case .service(let name):
            return try await whileActive(name, request, by: ["systemctl"], body)
        case .userService(let name, let uid):
            try await systemd.start("user@\(uid).service")
            let systemctl = [
                "setpriv", "--reuid=\(uid)", "--regid=\(uid)", "--clear-groups", "env",
                "XDG_RUNTIME_DIR=/run/user/\(uid)", "systemctl", "--user",
            ]
            return try await whileActive(name, request, by: systemctl, body)
        }
    }

    private func whileAsking<Value: Sendable>(
        _ launcher: [String],
        _ request: String,
        as identity: CallingProcess.Identity,
        _ body: (Answer) async throws -> Value
    ) async throws -> Value {
        let identity =
            switch identity {
            case .fixed(let identity): identity
            case .daemon: try await daemonIdentity()
            }
        let command = [
            InstalledMachine.product("test-caller"), "--as", identity, "ask", InstalledMachine.tokenSocket, request,
        ]
        return try await systemd.whileRunning(launcher + command) { try await body(Self.decode($0)) }
    }

    private func whileActive<Value: Sendable>(
        _ unit: String,
        _ request: String,
        by systemctl: [String],
        _ body: (Answer) async throws -> Value
    ) async throws -> Value {
        try systemd.write("REQUEST=\"\(request)\"\n", to: CallingProcess.requestFile)
        try await succeed(systemctl + ["start", unit])
        let status = try await succeed(systemctl + ["show", "--property=StatusText", "--value", unit])
        let value = try await body(Self.decode(status))
        try await succeed(systemctl + ["stop", unit])
        return value
    }

    /// What `tokenctl why` says of a process that is there.
    func why(_ pid: Int32, _ policy: Policy) async throws -> WhyDocument {
        let text = try await tokenctl("why", "\(pid)", policy.rawValue, "--format", "json")
        return try DocumentCoding.decode(WhyDocument.self, from: Array(text.utf8))
    }

    /// The event of the process, as `tokenctl events` has it.
    func latestEvent(of pid: Int32) async throws -> AuditEvent {
        let lines = try await tokenctl("events", "--format", "json").split(separator: "\n")
        let events = try lines.map { try DocumentCoding.decode(AuditEvent.self, from: Array($0.utf8)) }
        return try #require(events.last { $0.caller.pid == pid && $0.event == "fetch" })
    }

    private func tokenctl(_ arguments: String...) async throws -> String {
        try await succeed([InstalledMachine.product("tokenctl")] + arguments)
    }

    @discardableResult
    private func succeed(_ command: [String]) async throws -> String {
        let ended = try await systemd.run(command)
        guard ended.status == 0 else { throw RealSystemd.CommandFailure(command: command, ended: ended) }
        return ended.output
    }

    private static func decode(_ text: String) throws -> Answer {
        try JSONDecoder().decode(Answer.self, from: Data(text.utf8))
    }

    private func daemonIdentity() async throws -> String {
        let pid = try await systemd.property("MainPID", of: InstalledMachine.service)
        // The owner of its files of /proc is root, since it is not dumpable.
        let program = #"/^Uid:/ { uid = $2 } /^Gid:/ { gid = $2 } END { print uid ":" gid }"#
        return try await systemd.succeed("awk", program, "/proc/\(pid)/status")
    }
}

// MARK: - The suite's own

/// Gives the tests of a suite one machine.
struct PolicyMachineTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await PolicyMachine.with { machine in
            try await PolicyMachine.$shared.withValue(machine) { try await function() }
        }
    }
}

extension Trait where Self == PolicyMachineTrait {
    static var policyMachine: Self { Self() }
}
