import Foundation
import LocalAPI
import Testing

/// A machine with the daemon as it is installed, a client for every policy, and the units and users that call.
struct PolicyMachine: Sendable {
    let systemd: RealSystemd

    /// The one that the suite's tests share.
    @TaskLocal static var shared: PolicyMachine?

    static let tokenSocket = "/run/tokenbroker/token.sock"
    private static let configuration = "/etc/tokenbroker/tokenbroker.toml"
    private static let service = "tokenbrokerd.service"
    private static let port = 8080
    private static let controlPort = 8081

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
        try await RealSystemd.withBooted { systemd in
            let machine = PolicyMachine(systemd: systemd)
            try await machine.install()
            let server = [
                "sh", "-c", #""$@" 2>/dev/null & cat >/dev/null; kill $!"#, "-",
                "\(RealSystemd.products)/mock-authorization-server", "--port", "\(port)", "--control-port",
                "\(controlPort)",
            ]
            try await systemd.whileRunning(server) { _ in
                try await systemd.start("tokenbrokerd.socket")
                try await systemd.start(service)
                try await body(machine)
            }
        }
    }

    private func install() async throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../systemd")
            .standardized
        for name in ["tokenbrokerd.service", "tokenbrokerd.socket", "tokenbrokerd-admin.socket"] {
            let unit = try String(contentsOf: sources.appending(path: name), encoding: .utf8)
            try systemd.write(
                unit.replacing("@bindir@", with: RealSystemd.products),
                to: "/etc/systemd/system/\(name)"
            )
        }
        let groups = try String(contentsOf: sources.appending(path: "tokenbroker.sysusers"), encoding: .utf8)
        try systemd.write(groups + CallingProcess.sysusers, to: "/etc/sysusers.d/tokenbroker.conf")
        try await systemd.succeed("systemd-sysusers", "/etc/sysusers.d/tokenbroker.conf")
        let clients = Policy.allCases.map { $0.client(at: "http://127.0.0.1:\(Self.port)/oauth2/token") }
        try systemd.write(clients.joined(separator: "\n"), to: Self.configuration)
        for (name, text) in CallingProcess.units { try systemd.write(text, to: "/etc/systemd/system/\(name)") }
        for (name, text) in CallingProcess.userUnits { try systemd.write(text, to: "/etc/systemd/user/\(name)") }
        // Without the machine's PAM, which would ask for more than a manager.
        try systemd.write(
            "[Service]\nPAMName=\nEnvironment=XDG_RUNTIME_DIR=/run/user/%i\n",
            to: "/etc/systemd/system/user@.service.d/without-pam.conf"
        )
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
        let command = ["\(RealSystemd.products)/test-caller", "--as", identity, "ask", Self.tokenSocket, request]
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
        try await succeed(["\(RealSystemd.products)/tokenctl"] + arguments)
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
        let pid = try await systemd.property("MainPID", of: Self.service)
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
