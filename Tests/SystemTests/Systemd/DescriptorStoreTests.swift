import Foundation
import Glibc
import LocalAPI
import Testing

extension InstalledTests {
    /// What systemd keeps for the daemon from one start to the next.
    @Suite("The store of descriptors")
    struct DescriptorStoreTests {
        private static let diskFile = "/run/failing-disk"
        private static let firstToken = "/etc/tokenbroker/mail.first"

        private func grant() async throws -> GrantStatus? {
            let machine = try #require(InstalledMachine.shared)
            let text = try await machine.systemd.succeed(
                InstalledMachine.product("tokenctl"),
                "status",
                "mail",
                "--format",
                "json"
            )
            return try DocumentCoding.decode(ClientDocument.self, from: Array(text.utf8)).client.grant
        }

        /// Lets a refresh token be exchanged whose successor the disk does not take; returns the token that came with it.
        private func rotateInMemory(_ client: String) async throws -> (FailingDisk, newest: String) {
            let machine = try #require(InstalledMachine.shared)
            let systemd = machine.systemd
            try await machine.begin(with: client)
            let login = try await machine.tellServer("POST", "refresh-token", #"{"client": "mail"}"#)
            let issued = try JSONDecoder().decode([String: String].self, from: Data(login.utf8))
            try systemd.write(try #require(issued["refresh_token"]), to: Self.firstToken)
            let disk = try FailingDisk(at: systemd.outside(Self.diskFile))
            try await machine.addSettings(
                "LoadCredential=mail-first:\(Self.firstToken)",
                "Environment=LD_PRELOAD=\(InstalledMachine.product("libFailingDisk.so"))",
                "Environment=FAILING_DISK=\(Self.diskFile) FAILING_DISK_BELOW=\(InstalledMachine.state)"
            )
            let first = try await machine.token("mail")

            try await machine.tellServer("PUT", "behaviour", #"{"hold": true, "times": 1}"#)
            async let refresh = machine.tokenctl("refresh", "mail")
            try await machine.waitForHeldRequest()
            try disk.fail(writes: EIO)
            try await machine.tellServer("POST", "release")
            let refreshed = try await refresh
            #expect(refreshed.status == 0, "\(refreshed.errors)")
            let newest = try await machine.token("mail")
            #expect(newest != first)
            #expect(try await grant()?.unsaved == true)
            return (disk, newest)
        }

        private static let client = InstalledMachine.publicClient(
            "mail",
            #"grant = "refresh_token""#,
            #"refresh_token = { credential = "mail-first" }"#
        )

        @Test("brings a refresh token that the disk did not take over a daemon's death, and over starts that fail")
        func unsavedGrant() async throws {
            let machine = try #require(InstalledMachine.shared)
            let systemd = machine.systemd
            let (disk, newest) = try await rotateInMemory(Self.client)

            // The daemon waits for the disk while it stops; it is not there to see it well again. Nor is the next one at
            // first, whose configuration somebody is just changing.
            try machine.configure([Self.client, "[clients.mail"])
            async let restart = systemd.run(["systemctl", "restart", InstalledMachine.service])
            try await Patience.wait(for: "the stop", evidence: { "" }) {
                while try await machine.property("ActiveState") != "deactivating" {}
            }
            try await systemd.succeed("systemctl", "kill", "--signal=STOP", InstalledMachine.service)
            try disk.fail()
            try await systemd.succeed("systemctl", "kill", "--signal=KILL", InstalledMachine.service)
            #expect(try await restart.status != 0)
            try machine.configure([Self.client])

            try await expectBrought(newest)
        }

        @Test("brings it over the end of a daemon that somebody else than systemd stops, too")
        func signal() async throws {
            let machine = try #require(InstalledMachine.shared)
            let (disk, newest) = try await rotateInMemory(Self.client)
            // It ends in good order, after it has waited half a minute for the disk.
            try await machine.systemd.succeed("systemctl", "kill", "--signal=TERM", InstalledMachine.service)
            try await machine.systemd.loseWatchdogPatience(30)
            try await Patience.wait(for: "the next start", evidence: { "" }) {
                while try await machine.property("NRestarts") == "0" {}
            }
            try disk.fail()
            try await expectBrought(newest)
        }

        /// The newest token is there without a request, and so is the refresh token that came with it.
        private func expectBrought(_ newest: String) async throws {
            let machine = try #require(InstalledMachine.shared)
            #expect(try await machine.token("mail") == newest)
            #expect(try await machine.counters().total.requests == 2)
            // The server takes no token twice, so this presents the one that was not on the disk.
            let again = try await machine.tokenctl("refresh", "mail")
            #expect(again.status == 0, "\(again.errors)")
            #expect(try await grant()?.unsaved == false)
        }
    }
}
