import Foundation
import Glibc
import LocalAPI
import MockAuthorizationServer
import Testing

/// A tired operator's mistakes: each is named with its place, and the daemon does not start.
@Suite("Bad input", .timeLimit(.minutes(5)))
struct BadInputTests {
    struct Mistake: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var daemon = ""
        var client = ""
        /// What the error has to say.
        let named: [String]
        var status: Int32 = 78
    }

    @Test(
        "in the configuration is told with file, line and key",
        arguments: [
            Mistake(testDescription: "an unknown key", client: "scops = [\"a\"]", named: ["scops", "scopes", ":10:"]),
            Mistake(testDescription: "a wrong type", client: "scopes = 3", named: ["scopes", ":10:"]),
            Mistake(testDescription: "a bad duration", client: "keep_warm = \"soon\"", named: ["keep_warm", "soon"]),
            Mistake(testDescription: "an unknown key of the daemon", daemon: "colour = 1", named: ["colour", ":5:"]),
            Mistake(testDescription: "no TOML", client: "= =", named: [":10:"]),
            Mistake(
                testDescription: "a plain http endpoint",
                client: "[clients.other]\ntoken_endpoint = \"http://as.example/token\"\nclient_id = \"a\"",
                named: ["token_endpoint", "http", "clients.other"]
            ),
            Mistake(
                testDescription: "the same client twice",
                client: "[clients.billing]\nclient_id = \"a\"",
                named: ["billing"]
            ),
        ]
    )
    func configuration(mistake: Mistake) async throws {
        let room = try Room()
        try room.configure(daemon: mistake.daemon, try client(in: room, more: mistake.client))
        for arguments in [[], ["--check"]] {
            let refused = try await start(room, arguments)
            #expect(refused.status == mistake.status, "\(refused.errors)")
            for word in [room.configuration] + mistake.named {
                #expect(refused.errors.contains(word), "\(word) is not in \(refused.errors)")
            }
        }
        // tokenctl check is the same check.
        #expect(try await Command.run(Binaries.tokenctl, ["check", room.configuration]).status == mistake.status)
        #expect(!FileManager.default.fileExists(atPath: room.state))
    }

    @Test("an inline secret in a file that others can read is refused, and taken from one that they cannot")
    func inlineSecret() async throws {
        let room = try Room()
        try room.configure(
            """
            [clients.billing]
            token_endpoint = "http://127.0.0.1:1/token"
            client_id = "billing"
            client_secret = "hunter2-in-line"
            """
        )
        unsafe chmod(room.configuration, 0o644)
        let refused = try await start(room)
        #expect(refused.status == 78)
        #expect(refused.errors.contains("client_secret") && refused.errors.contains("chmod"), "\(refused.errors)")
        #expect(!refused.errors.contains("hunter2"))
        unsafe chmod(room.configuration, 0o600)
        #expect(try await start(room, ["--check"]).status == 0)
    }

    @Test("a configuration that is not there is named")
    func missingFile() async throws {
        let room = try Room()
        let refused = try await start(room)
        #expect(refused.status == 78)
        #expect(refused.errors.contains(room.configuration))
    }

    @Test("a state directory that cannot be had is named")
    func stateDirectory() async throws {
        let room = try Room()
        try room.configure(client(in: room))
        try Data("in the way".utf8).write(to: URL(filePath: room.state))
        let refused = try await start(room)
        #expect(refused.status == 73)
        #expect(refused.errors.contains(room.state), "\(refused.errors)")
        #expect(try String(contentsOfFile: room.state, encoding: .utf8) == "in the way")
    }

    @Test("a state key that is none is named, and nothing is touched", arguments: [0, 31, 33])
    func stateKey(length: Int) async throws {
        let room = try Room()
        try room.configure(daemon: "state_key = { file = \"key\" }", client(in: room))
        try room.secret("key", String(repeating: "k", count: length))
        let refused = try await start(room)
        #expect(refused.status == 78)
        #expect(refused.errors.contains("\(room.path)/key"), "\(refused.errors)")
        #expect(!FileManager.default.fileExists(atPath: room.database))
    }

    @Test("a credential that systemd keeps for the service is not to be seen by a check, and no mistake")
    func credentialOfTheService() async throws {
        let room = try Room()
        try room.configure(
            daemon: #"state_key = { credential = "state-key" }"#,
            """
            [clients.billing]
            token_endpoint = "http://127.0.0.1:1/token"
            client_id = "billing"
            client_secret = { credential = "billing-secret" }
            """
        )
        let checked = try await start(room, ["--check"])
        #expect(checked.status == 0, "\(checked.errors)")
        #expect(checked.output.contains("warning: not checked:"))
        #expect(checked.output.contains("credential billing-secret") && checked.output.contains("credential state-key"))
        // As the service has them, they are checked.
        let directory = ["CREDENTIALS_DIRECTORY": room.path]
        let missing = try await Command.run(
            Binaries.tokenbrokerd,
            ["--config", room.configuration, "--check"],
            environment: directory
        )
        #expect(missing.status == 78)
        #expect(missing.errors.contains("clients.billing.client_secret") && missing.errors.contains("daemon.state_key"))
    }

    @Test("a secret that others can read is doubted, and a state key that they can read is refused")
    func exposedFiles() async throws {
        let room = try Room()
        try room.configure(daemon: #"state_key = { file = "key" }"#, client(in: room))
        let key = try room.secret("key", String(repeating: "k", count: 32))
        #expect(try await start(room, ["--check"]).output.contains("can be read by others") == false)
        unsafe chmod("\(room.path)/billing.secret", 0o644)
        let doubted = try await start(room, ["--check"])
        #expect(doubted.status == 0)
        #expect(
            doubted.output.contains("warning: \(room.configuration):6: clients.billing.client_secret: \(room.path)")
        )
        unsafe chmod(key, 0o640)
        for arguments in [[], ["--check"]] {
            let refused = try await start(room, arguments)
            #expect(refused.status == 78)
            #expect(refused.errors.contains("chmod 600 \(key)"), "\(refused.errors)")
        }
    }

    @Test("a second daemon on the same state directory is refused, and the first serves on")
    func secondDaemon() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(room.client("billing", at: server))
        try await withDaemon(in: room) { daemon in
            let inode = try socketInode(room)
            let refused = try await start(room)
            #expect(refused.status == 73)
            #expect(refused.errors.contains(room.state), "\(refused.errors)")
            #expect(refused.errors.contains(String(daemon.pid)), "\(refused.errors)")
            #expect(try socketInode(room) == inode)
            #expect(try await Command.tokenctl("token", "billing", in: room).status == 0)
        }
        await server.stop()
    }

    @Test("a socket path in use by a live daemon is refused, and the live one serves on")
    func socketInUse() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(room.client("billing", at: server))
        let other = try Room()
        try """
        [daemon]
        state_directory = "\(other.state)"
        token_socket = "\(room.tokenSocket)"
        admin_socket = "\(other.adminSocket)"
        """.write(toFile: other.configuration, atomically: true, encoding: .utf8)
        try await withDaemon(in: room) { _ in
            let refused = try await start(other)
            #expect(refused.status == 73)
            #expect(refused.errors.contains(room.tokenSocket), "\(refused.errors)")
            #expect(try await Command.tokenctl("token", "billing", in: room).status == 0)
        }
        await server.stop()
    }

    @Test("a socket that a crash left is replaced, and a file that is no socket is not")
    func staleSocket() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(room.client("billing", at: server))
        try await withDaemon(in: room) { await $0.crash() }
        let stale = try socketInode(room)
        try await withDaemon(in: room) { _ in
            let fresh = try socketInode(room)
            #expect(fresh != stale)
            #expect(try await Command.tokenctl("token", "billing", in: room).status == 0)
        }
        try FileManager.default.removeItem(atPath: room.tokenSocket)
        try Data("a letter".utf8).write(to: URL(filePath: room.tokenSocket))
        let refused = try await start(room)
        #expect(refused.status == 73)
        #expect(refused.errors.contains(room.tokenSocket), "\(refused.errors)")
        #expect(try String(contentsOfFile: room.tokenSocket, encoding: .utf8) == "a letter")
        await server.stop()
    }

    @Test("a client whose secret cannot be read is misconfigured while the others run, until it can")
    func unreadableSecret() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(room.client("billing", at: server), room.client("reports", at: server))
        let secret = "\(room.path)/reports.secret"
        try FileManager.default.removeItem(atPath: secret)
        let checked = try await start(room, ["--check"])
        #expect(checked.status == 78)
        #expect(checked.errors.contains("clients.reports.client_secret") && checked.errors.contains(secret))
        try await withDaemon(in: room) { _ in
            #expect(try await Command.tokenctl("token", "billing", in: room).status == 0)
            let refused = try await SocketHTTP.get("/v1/token/reports", on: room.tokenSocket)
            #expect(refused.status == 502 && refused.string("error") == "client_misconfigured", "\(refused.body)")
            #expect(refused.body.contains(secret), "\(refused.body)")
            #expect(try await room.status(of: "reports").state == .misconfigured)
            try room.secret("reports.secret", "found again")
            try await Watch.event(of: "reports", in: room) { $0.state != .misconfigured }
            #expect(try await Command.tokenctl("token", "reports", in: room).status == 0)
        }
        await server.stop()
    }

    private func start(_ room: Room, _ arguments: [String] = []) async throws -> Command {
        try await Command.run(Binaries.tokenbrokerd, ["--config", room.configuration] + arguments)
    }

    private func socketInode(_ room: Room) throws -> UInt64 {
        let attributes = try FileManager.default.attributesOfItem(atPath: room.tokenSocket)
        return try #require(attributes[.systemFileNumber] as? UInt64)
    }

    /// A client that is never asked for.
    private func client(in room: Room, more: String = "") throws -> String {
        """
        [clients.billing]
        token_endpoint = "http://127.0.0.1:1/token"
        client_id = "billing"
        client_secret = { file = "\(try room.secret("billing.secret", "s3cret"))" }
        \(more)
        """
    }
}
