import Testing

extension InstalledTests {
    /// The broker that a user has for themselves.
    @Suite("A user's own broker")
    struct UserBrokerTests {
        private static let uid = 20001
        private static let stranger = 20002
        private static let runtime = "/run/user/\(uid)"
        private static let home = "/home/ann"
        private static let configuration = "\(home)/.config/tokenbroker/tokenbroker.toml"
        private static let socket = "\(runtime)/tokenbroker/token.sock"

        /// Runs a command as a user with this number.
        private func run(as uid: Int, _ command: [String]) async throws -> Command {
            let machine = try #require(InstalledMachine.shared)
            return try await machine.systemd.run(
                ["setpriv", "--reuid=\(uid)", "--regid=\(uid)", "--clear-groups"] + command
            )
        }

        /// Runs a command as ann, who has logged in.
        private func run(_ command: String...) async throws -> Command {
            try await run(as: Self.uid, ["env", "XDG_RUNTIME_DIR=\(Self.runtime)", "HOME=\(Self.home)"] + command)
        }

        /// The same, of one that must succeed, in the words of a shell.
        private func shell(_ command: String) async throws {
            let ended = try await run("sh", "-c", command)
            guard ended.status == 0 else { throw RealSystemd.CommandFailure(command: [command], ended: ended) }
        }

        @Test("is enabled by its sockets, serves that user and refuses another")
        func life() async throws {
            let machine = try #require(InstalledMachine.shared)
            try await machine.begin()
            try await machine.systemd.succeed("install", "-d", "-o", "ann", "-g", "ann", Self.home)
            try await machine.systemd.start("user@\(Self.uid).service")
            try await shell("systemctl --user enable --now tokenbrokerd.socket")

            // Without a configuration, it says where it looked for one, and what to do.
            #expect(try await run("systemctl", "--user", "start", "tokenbrokerd.service").status != 0)
            let status = try await run("systemctl", "--user", "status", "tokenbrokerd.service")
            #expect(status.output.contains("\(Self.configuration): cannot be read"))
            #expect(status.output.contains("write it"))

            let client = InstalledMachine.publicClient("reports")
            try machine.systemd.write(client, to: Self.configuration)
            let tokenctl = InstalledMachine.product("tokenctl")
            let fetched = try await run(tokenctl, "token", "reports")
            #expect(fetched.status == 0, "\(fetched.errors)")
            #expect(try await run(tokenctl, "status").output.contains("reports  fresh"))
            try await shell("systemctl --user reload tokenbrokerd.service")
            try await shell("systemctl --user restart tokenbrokerd.service")
            #expect(try await run(tokenctl, "token", "reports").output == fetched.output)
            #expect(try await machine.counters().total.requests == 1)
            // Not the system's.
            #expect(try await machine.property("ActiveState") == "inactive")
            try await shell("test -s ~/.local/state/tokenbroker/tokenbroker.sqlite")

            // The directory keeps others out; and so does the daemon where it is opened.
            let other = ["env", "TOKENBROKER_SOCKET=\(Self.socket)", tokenctl, "token", "reports"]
            #expect(try await run(as: Self.stranger, other).status == 77)
            try await shell("chmod o+x \(Self.runtime) \(Self.runtime)/tokenbroker && chmod o+rw \(Self.socket)")
            let denied = try await run(as: Self.stranger, other)
            #expect(denied.status == 77 && denied.errors.contains("access_denied"), "\(denied.errors)")

            // What does not listen is not there for tokenctl to take for a broker.
            try await shell("systemctl --user stop tokenbrokerd.socket tokenbrokerd-admin.socket")
            try await shell("test ! -e \(Self.socket)")
            try await machine.systemd.stop("user@\(Self.uid).service")
        }
    }
}
