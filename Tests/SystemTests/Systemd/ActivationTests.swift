import Foundation
import Testing

extension InstalledTests {
    /// What callers see of the sockets.
    @Suite("The sockets")
    struct ActivationTests {
        /// What came of requests on connections of their own (`test-caller repeat`).
        private struct Outcome: Decodable {
            let statuses: [String: Int]
            let refused: Int
            let unanswered: Int
            let failure: String
        }

        private static let restarts = 20
        private static let fetches = 10_000
        private static let callers = 4

        @Test("start the daemon with the first caller, are its own by their names, and nothing else of systemd's is")
        func activation() async throws {
            let machine = try #require(InstalledMachine.shared)
            try await machine.begin(with: InstalledMachine.publicClient("reports"))
            #expect(try await machine.property("ActiveState") == "inactive")
            _ = try await machine.token("reports")
            #expect(try await machine.property("ActiveState") == "active")
            #expect(
                try await machine.socketFiles().split(separator: "\n").map { $0.split(separator: " ").dropFirst(2) }
                    == [["0", "root", "666"], ["0", "tokenbroker", "660"]]
            )
            // What is on the admin socket only.
            let status = try await machine.systemd.succeed(
                InstalledMachine.product("tokenctl"),
                "status",
                "--socket",
                InstalledMachine.adminSocket
            )
            #expect(status.contains("reports"))
        }

        @Test("refuse nobody over 20 restarts and 10,000 fetches, and stay as they are; the token does, too")
        func restarts() async throws {
            let machine = try #require(InstalledMachine.shared)
            try await machine.begin(with: InstalledMachine.publicClient("reports"))
            let token = try await machine.token("reports")
            let files = try await machine.socketFiles()
            let outcomes = try await whileCalling(Self.callers, machine) {
                for _ in 0..<Self.restarts {
                    try await machine.systemd.succeed("systemctl", "restart", InstalledMachine.service)
                }
            }
            for outcome in outcomes {
                #expect(outcome.refused == 0, "\(outcome)")
                #expect(outcome.unanswered == 0, "\(outcome)")
                #expect(outcome.statuses.keys.allSatisfy { $0 == "200" }, "\(outcome)")
            }
            let fetched = outcomes.reduce(0) { $0 + ($1.statuses["200"] ?? 0) }
            #expect(fetched >= Self.fetches)
            #expect(try await machine.socketFiles() == files)
            #expect(try await machine.token("reports") == token)
            #expect(try await machine.counters().total.requests == 1)
        }

        /// Runs `body` while as many callers fetch without a pause.
        private func whileCalling(
            _ count: Int,
            _ machine: InstalledMachine,
            _ body: @Sendable () async throws -> Void
        ) async throws -> [Outcome] {
            guard count > 0 else {
                try await body()
                return []
            }
            let command = [
                InstalledMachine.product("test-caller"), "repeat", InstalledMachine.tokenSocket,
                "\(Self.fetches / Self.callers)", "GET /v1/token/reports",
            ]
            let (others, said) = try await machine.systemd.whileTalking(command) { _ in
                try await whileCalling(count - 1, machine, body)
            }
            return others + [try JSONDecoder().decode(Outcome.self, from: Data(said.utf8))]
        }

        @Test(
            "are refused when they are not the daemon's, and the status says what to change",
            arguments: [
                (["FileDescriptorName=tokens"], "Set FileDescriptorName= in the socket unit to token or admin"),
                (
                    ["ListenStream=", "ListenDatagram=/run/tokenbroker/token.sock"],
                    "Give its socket unit one ListenStream="
                ),
            ]
        )
        func strangeSockets(settings: [String], remedy: String) async throws {
            let machine = try #require(InstalledMachine.shared)
            try await machine.begin(with: InstalledMachine.publicClient("reports"))
            try await machine.systemd.stop(InstalledMachine.tokenUnit)
            try await machine.addSocketSettings(settings)
            let started = try await machine.systemd.run(["systemctl", "start", InstalledMachine.service])
            let status = try await machine.status()
            #expect(started.status != 0 && status.contains(remedy), "\(status)")
        }

        @Test("and the configuration's directories are left alone by whatever cleans up")
        func cleaning() async throws {
            let machine = try #require(InstalledMachine.shared)
            try await machine.begin(with: InstalledMachine.publicClient("reports"))
            let before = try await machine.socketFiles()
            for order in ["--create", "--clean", "--remove"] {
                try await machine.systemd.succeed("systemd-tmpfiles", order, "tokenbroker.conf")
            }
            #expect(try await machine.socketFiles() == before)
            let directories = try await machine.systemd.succeed(
                "stat",
                "--format=%U %a",
                "/etc/tokenbroker",
                "/etc/tokenbroker/clients.d"
            )
            #expect(directories == "root 755\nroot 755")
            #expect(try await machine.tokenctl("token", "reports").status == 0)
        }
    }
}
