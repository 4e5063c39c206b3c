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

        @Test("brings a refresh token that the disk did not take over a daemon's death, and over starts that fail")
        func unsavedGrant() async throws {
            let machine = try #require(InstalledMachine.shared)
            let systemd = machine.systemd
            let client = InstalledMachine.publicClient(
                "mail",
                #"grant = "refresh_token""#,
                #"refresh_token = { credential = "mail-first" }"#
            )
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

            // The daemon waits for the disk while it stops; it is not there to see it well again. Nor is the next one at
            // first, whose configuration somebody is just changing.
            try machine.configure([client, "[clients.mail"])
            async let restart = systemd.run(["systemctl", "restart", InstalledMachine.service])
            try await Patience.wait(for: "the stop", evidence: { "" }) {
                while try await machine.property("ActiveState") != "deactivating" {}
            }
            try await systemd.succeed("systemctl", "kill", "--signal=STOP", InstalledMachine.service)
            try disk.fail()
            try await systemd.succeed("systemctl", "kill", "--signal=KILL", InstalledMachine.service)
            #expect(try await restart.status != 0)
            try machine.configure([client])

            #expect(try await machine.token("mail") == newest)
            #expect(try await machine.counters().total.requests == 2)
            // The server takes no token twice, so this presents the one that was not on the disk.
            let again = try await machine.tokenctl("refresh", "mail")
            #expect(again.status == 0, "\(again.errors)")
            #expect(try await grant()?.unsaved == false)
        }
    }
}
