import Foundation
import Testing

/// A machine with the daemon as it is installed, and an authorization server on its loopback.
struct InstalledMachine: Sendable {
    let systemd: RealSystemd

    /// The one that a suite's tests share.
    @TaskLocal static var shared: InstalledMachine?

    static let service = "tokenbrokerd.service"
    static let keyUnit = "tokenbrokerd-state-key.service"
    static let tokenUnit = "tokenbrokerd.socket"
    static let adminUnit = "tokenbrokerd-admin.socket"
    static let tokenSocket = "/run/tokenbroker/token.sock"
    static let adminSocket = "/run/tokenbroker/admin.sock"
    static let configuration = "/etc/tokenbroker/tokenbroker.toml"
    static let state = "/var/lib/private/tokenbroker"
    static let stateKey = "/etc/credstore.encrypted/tokenbroker.state-key"

    /// The secret of the client billing, where a suite shares the machine; reports and mail have none.
    static let secret = "s3cret-of-the-client"

    static let tokenEndpoint = RealSystemd.AuthorizationServer.tokenEndpoint

    private static let libexec = "/usr/libexec"
    static let makeStateKey = "\(libexec)/tokenbroker/make-state-key"

    /// Where `systemd/` is.
    static let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../systemd")
        .standardized
}

// MARK: - Setting up

extension InstalledMachine {
    /// Boots the machine, runs `body`, and throws it away.
    ///
    /// - Parameters:
    ///   - users: In the words of sysusers.d(5), besides those of the installation.
    ///   - clients: Those that the server knows, as its `--clients-file` lists them; nil for any with any secret.
    static func with(
        users: String = "",
        clients: String? = nil,
        _ body: (InstalledMachine) async throws -> Void
    ) async throws {
        try await RealSystemd.withBooted { systemd in
            let machine = InstalledMachine(systemd: systemd)
            try await machine.install(users: users)
            try await systemd.whileAuthorizationServerRuns(knowing: clients) { try await body(machine) }
        }
    }

    private func install(users: String) async throws {
        for name in [Self.service, Self.tokenUnit, Self.adminUnit] {
            try systemd.write(try Self.installed(name), to: "/etc/systemd/system/\(name)")
            try systemd.write(try Self.installed("user/\(name)"), to: "/etc/systemd/user/\(name)")
        }
        try systemd.write(try Self.installed(Self.keyUnit), to: "/etc/systemd/system/\(Self.keyUnit)")
        try systemd.write(try Self.installed("make-state-key"), to: Self.makeStateKey)
        try await systemd.succeed("chmod", "755", Self.makeStateKey)
        // A call that the filter refuses ends the daemon here, so that none goes unseen.
        try systemd.write(
            "[Service]\nSystemCallErrorNumber=kill\n",
            to: "/etc/systemd/system/\(Self.service).d/forbidden-calls.conf"
        )
        try systemd.write(
            try Self.installed("tokenbroker.sysusers") + users,
            to: "/etc/sysusers.d/tokenbroker.conf"
        )
        try systemd.write(try Self.installed("tokenbroker.tmpfiles"), to: "/etc/tmpfiles.d/tokenbroker.conf")
        try await systemd.succeed("systemd-sysusers", "/etc/sysusers.d/tokenbroker.conf")
        try await systemd.succeed("systemd-tmpfiles", "--create", "/etc/tmpfiles.d/tokenbroker.conf")
        // Without the machine's PAM, which would ask for more than a manager.
        try systemd.write(
            "[Service]\nPAMName=\nEnvironment=XDG_RUNTIME_DIR=/run/user/%i\n",
            to: "/etc/systemd/system/user@.service.d/without-pam.conf"
        )
        try await systemd.succeed("systemctl", "daemon-reload")
    }

    /// A file of `systemd/` as `make install` writes it.
    private static func installed(_ name: String) throws -> String {
        try String(contentsOf: sources.appending(path: name), encoding: .utf8)
            .replacing("@bindir@", with: RealSystemd.products)
            .replacing("@libexecdir@", with: libexec)
    }

    /// Begins anew: sockets that listen, a daemon that is not started and has no state and no key for it, a server that has
    /// seen nothing.
    func begin(with clients: String...) async throws {
        // One that waits for a disk is not waited for.
        _ = try await systemd.run(["systemctl", "kill", "--signal=KILL", Self.service])
        _ = try await systemd.run(["systemctl", "stop", Self.tokenUnit, Self.adminUnit, Self.service])
        _ = try await systemd.run(["systemctl", "reset-failed"])
        try await systemd.succeed(
            "rm",
            "-rf",
            Self.state,
            Self.stateKey,
            Self.settings(of: Self.service),
            Self.settings(of: Self.tokenUnit)
        )
        try await systemd.succeed("systemctl", "daemon-reload")
        try await tellServer("POST", "reset")
        try configure(clients)
        try await systemd.start(Self.tokenUnit)
    }

    /// Writes the configuration.
    func configure(_ clients: [String]) throws {
        try systemd.write(clients.joined(separator: "\n"), to: Self.configuration)
    }

    /// Where a test's own settings of a unit are.
    private static func settings(of unit: String) -> String { "/etc/systemd/system/\(unit).d/test.conf" }

    /// Adds settings to the service, for as long as the test goes.
    func addSettings(_ settings: String...) async throws {
        try await write(settings: "[Service]\n\(settings.joined(separator: "\n"))\n", of: Self.service)
    }

    /// Adds settings to a stopped token socket, for as long as the test goes.
    func addSocketSettings(_ settings: [String]) async throws {
        try await write(settings: "[Socket]\n\(settings.joined(separator: "\n"))\n", of: Self.tokenUnit)
    }

    private func write(settings: String, of unit: String) async throws {
        try systemd.write(settings, to: Self.settings(of: unit))
        try await systemd.succeed("systemctl", "daemon-reload")
    }

    /// A client in TOML with its secret from a credential; `keys` follow as they are.
    static func client(_ name: String, credential: String, _ keys: String...) -> String {
        client(name, [#"client_secret = { credential = "\#(credential)" }"#] + keys)
    }

    /// A client in TOML whose requests prove nothing.
    static func publicClient(_ name: String, _ keys: String...) -> String {
        client(name, [#"client_authentication = "none""#] + keys)
    }

    private static func client(_ name: String, _ keys: [String]) -> String {
        """
        [clients.\(name)]
        token_endpoint = "\(tokenEndpoint)"
        client_id = "\(name)"
        \(keys.joined(separator: "\n"))

        """
    }
}

// MARK: - Using

extension InstalledMachine {
    /// A command of the project, with its path there.
    static func product(_ name: String) -> String { "\(RealSystemd.products)/\(name)" }

    /// Runs tokenctl as root to its end.
    func tokenctl(_ arguments: String...) async throws -> Command {
        try await systemd.run([Self.product("tokenctl")] + arguments)
    }

    /// The token that root gets.
    func token(_ client: String) async throws -> String {
        try await systemd.succeed(Self.product("tokenctl"), "token", client)
    }

    /// What `systemctl status` says of the service.
    func status() async throws -> String {
        try await systemd.run(["systemctl", "status", "--no-pager", "--lines=0", "--full", Self.service]).output
    }

    /// A property of the service.
    func property(_ name: String) async throws -> String { try await systemd.property(name, of: Self.service) }

    /// Number, owner, group and mode of the socket files.
    func socketFiles() async throws -> String {
        try await systemd.succeed("stat", "--format=%n %i %u %G %a", Self.tokenSocket, Self.adminSocket)
    }

    /// Tells the server how to behave, through its control interface; returns what it says.
    @discardableResult
    func tellServer(_ method: String, _ path: String, _ body: String = "") async throws -> String {
        let request =
            "\(method) /control/\(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let script = #"exec 3<>"/dev/tcp/127.0.0.1/$1" && printf %s "$2" >&3 && cat <&3"#
        let answer = try await systemd.run([
            "bash", "-c", script, "-", "\(RealSystemd.AuthorizationServer.controlPort)", request,
        ])
        guard answer.output.hasPrefix("HTTP/1.1 2"), let end = answer.output.firstRange(of: "\r\n\r\n") else {
            throw ServerRefusal(answer: answer)
        }
        return String(answer.output[end.upperBound...])
    }

    /// The server would not do as it was told.
    struct ServerRefusal: Error {
        let answer: Command
    }

    /// What the server counted.
    struct Counters: Decodable, Sendable {
        struct TokenRequests: Decodable, Sendable {
            let requests: Int
        }

        let held: Int
        let total: TokenRequests
    }

    func counters() async throws -> Counters {
        try JSONDecoder().decode(Counters.self, from: Data(try await tellServer("GET", "counters").utf8))
    }

    /// Waits until the server has a request that it was told to hold.
    func waitForHeldRequest() async throws {
        try await Patience.wait(for: "the request", evidence: { "" }) {
            while try await counters().held == 0 {}
        }
    }
}

// MARK: - The suite's own

/// Gives the tests of a suite, and of those within it, one machine.
struct InstalledMachineTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let users = "u ann 20001 - /home/ann\nu bob 20002\n"
        let billing = #"{"id": "billing", "secrets": ["\#(InstalledMachine.secret)"]}"#
        let clients = #"[\#(billing), {"id": "reports"}, {"id": "mail"}]"#
        try await InstalledMachine.with(users: users, clients: clients) { machine in
            try await InstalledMachine.$shared.withValue(machine) { try await function() }
        }
    }
}

extension Trait where Self == InstalledMachineTrait {
    static var installedMachine: Self { Self() }
}

/// What a real systemd makes of the installed units; the tests share one machine, one after the other.
@Suite("Under a real systemd", .needsRealSystemd, .installedMachine, .serialized, .timeLimit(.minutes(5)))
enum InstalledTests {}

// MARK: - Stopping

extension InstalledMachine {
    /// Whether one of three stops takes a second at most; `run` starts the service and stops it.
    ///
    /// A machine that is busy with other things delays one now and then.
    func stopsWithinSecond(_ run: () async throws -> Void) async throws -> Bool {
        for _ in 0..<3 {
            try await run()
            // By systemd's own clock, from when it began to stop the service to when the daemon was gone.
            let began = try #require(Int(try await property("ActiveExitTimestampMonotonic")))
            let gone = try #require(Int(try await property("ExecMainExitTimestampMonotonic")))
            if (0...1_000_000).contains(gone - began) { return true }
        }
        return false
    }
}
