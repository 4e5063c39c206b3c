import Testing

extension InstalledTests {
    /// Starts that take long or come to nothing, and stops that take long.
    @Suite("A start and a stop")
    struct LongTimeTests {
        @Test("neither waits for an authorization server or a name server that says nothing")
        func network() async throws {
            let machine = try #require(InstalledMachine.shared)
            let systemd = machine.systemd
            try await machine.begin(
                with: Self.warmClient("reports", at: "https://sso.example.com/token"),
                Self.warmClient("mail", at: "http://127.0.0.1:8090/token")
            )
            // Both take what comes and say nothing.
            try systemd.write(
                "[Socket]\nListenDatagram=127.0.0.1:53\nListenStream=127.0.0.1:8090\n",
                to: "/etc/systemd/system/mute.socket"
            )
            try systemd.write("[Service]\nExecStart=sleep infinity\n", to: "/etc/systemd/system/mute.service")
            try await systemd.succeed("rm", "-f", "/etc/resolv.conf")
            try systemd.write("nameserver 127.0.0.1\n", to: "/etc/resolv.conf")
            try await systemd.succeed("systemctl", "daemon-reload")
            try await systemd.start("mute.socket")
            // A stop waits for neither.
            let isQuick = try await machine.stopsWithinSecond {
                try await systemd.start(InstalledMachine.service)
                try await Patience.wait(for: "both requests", evidence: { "" }) {
                    while try await machine.property("StatusText") != "2 clients: 2 fetching" {}
                }
                try await systemd.stop(InstalledMachine.service)
            }
            #expect(isQuick)
            try await systemd.succeed("systemctl", "stop", "mute.socket", "mute.service")
        }

        private static func warmClient(_ name: String, at endpoint: String) -> String {
            """
            [clients.\(name)]
            token_endpoint = "\(endpoint)"
            client_id = "\(name)"
            client_authentication = "none"
            keep_warm = "always"

            """
        }

        @Test("a start whose database takes long is given the time, and its status says what it is at")
        func slowDatabase() async throws {
            let machine = try #require(InstalledMachine.shared)
            try await machine.begin(with: InstalledMachine.publicClient("reports"))
            let threads = try await HeldThreads(on: machine.systemd)
            try await machine.addSettings("TimeoutStartSec=7s", "Restart=no", HeldThreads.settings)
            try await threads.stallDisk()
            async let start: Void = machine.systemd.start(InstalledMachine.service)
            try await machine.systemd.loseWatchdogPatience(9)
            let status = try await machine.property("StatusText")
            #expect(status == "Opening the database in /var/lib/tokenbroker")
            #expect(try await machine.property("ActiveState") == "activating")
            try await threads.freeDisk()
            try await start
            #expect(try await machine.property("StatusText") == "1 client: 1 idle")
        }

        @Test("a stop in the midst of a rotation is given the time, however short the unit's")
        func slowRotation() async throws {
            let machine = try #require(InstalledMachine.shared)
            _ = try await machine.beginWithGrant("TimeoutStopSec=2s")
            var stop: Task<Void, any Error>?
            _ = try await machine.whileRotating {
                stop = Task { try await machine.systemd.stop(InstalledMachine.service) }
                try await machine.systemd.loseWatchdogPatience(4)
                #expect(try await machine.property("ActiveState") == "deactivating")
            }
            try await stop?.value
            #expect(try await machine.property("Result") == "success")
            // What came while it stopped is on the disk.
            try await machine.expectKept(try await machine.token("mail"))
        }

        /// Why a start comes to nothing: what is done in the state directory before it, the exit status, and what the
        /// status says.
        struct Obstacle: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let command: String
            let exitStatus: Int
            let words: [String]
        }

        private static let obstacles = [
            Obstacle(
                testDescription: "a state key of another length",
                command: "echo short >state.key && chmod 600 state.key",
                exitStatus: 78,
                words: ["/var/lib/tokenbroker/state.key", "has 6 bytes and must have 32"]
            ),
            Obstacle(
                testDescription: "a database without its key",
                command: "touch tokenbroker.sqlite",
                exitStatus: 78,
                words: ["tokenbroker.sqlite exists, and its key does not", "restore the key"]
            ),
            Obstacle(
                testDescription: "a database of another program",
                command: "sqlite3 tokenbroker.sqlite 'CREATE TABLE t (x)' && head -c 32 /dev/urandom >state.key "
                    + "&& chmod 600 *",
                exitStatus: 74,
                words: ["tokenbroker.sqlite is a database of another program"]
            ),
            Obstacle(
                testDescription: "a directory in the place of the lock",
                command: "mkdir lock",
                exitStatus: 73,
                words: ["state directory /var/lib/tokenbroker", "Is a directory"]
            ),
        ]

        @Test("a start that comes to nothing says why in its status", arguments: obstacles)
        func failure(obstacle: Obstacle) async throws {
            let machine = try #require(InstalledMachine.shared)
            try await machine.begin(with: InstalledMachine.publicClient("reports"))
            try await machine.addSettings("Restart=no")
            let state = InstalledMachine.state
            try await machine.systemd.succeed("sh", "-c", "mkdir -p \(state) && cd \(state) && \(obstacle.command)")
            #expect(try await machine.systemd.run(["systemctl", "start", InstalledMachine.service]).status != 0)
            #expect(try await machine.property("ExecMainStatus") == "\(obstacle.exitStatus)")
            let status = try await machine.property("StatusText")
            #expect(status.hasPrefix("Failed: "))
            for words in obstacle.words { #expect(status.contains(words), "\(status)") }
        }
    }
}
