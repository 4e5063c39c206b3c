import Foundation
import Testing

extension InstalledTests {
    /// What seals the state when nothing is configured.
    @Suite("The state key")
    struct StateKeyTests {
        private static let ownKey = "\(InstalledMachine.state)/state.key"
        private static let database = "\(InstalledMachine.state)/tokenbroker.sqlite"
        private static let hostKey = "/var/lib/systemd/credential.secret"

        /// Files with what they are, as far as they are there.
        private func files(_ paths: String...) async throws -> String {
            let machine = try #require(InstalledMachine.shared)
            return try await machine.systemd.run(["sha256sum"] + paths).output
        }

        private func exists(_ path: String) async throws -> Bool {
            let machine = try #require(InstalledMachine.shared)
            return try await machine.systemd.run(["test", "-e", path]).status == 0
        }

        private func restart() async throws -> Command {
            let machine = try #require(InstalledMachine.shared)
            return try await machine.systemd.run(["systemctl", "restart", InstalledMachine.service])
        }

        @Test("is made at the first start, encrypted to the machine, and without it the state is nothing")
        func made() async throws {
            let machine = try #require(InstalledMachine.shared)
            try await machine.begin(with: InstalledMachine.publicClient("reports"))
            let token = try await machine.token("reports")
            let modes = try await machine.systemd.succeed("stat", "--format=%a %U", InstalledMachine.stateKey)
            #expect(modes == "600 root")
            #expect(try await !exists(Self.ownKey))
            let key = try await files(InstalledMachine.stateKey)
            #expect(try await restart().status == 0)
            #expect(try await machine.token("reports") == token)
            #expect(try await files(InstalledMachine.stateKey) == key)

            // As on another disk: no key is made for a database that it could not open.
            try await machine.addSettings("Restart=no")
            try await machine.systemd.stop(InstalledMachine.service)
            try await machine.systemd.succeed("mv", InstalledMachine.stateKey, "/run/aside")
            let database = try await files(Self.database)
            #expect(try await restart().status != 0)
            let status = try await machine.property("StatusText")
            #expect(status.contains("its key does not, neither the credential tokenbroker.state-key"), "\(status)")
            #expect(try await files(Self.database) == database)
            #expect(try await files(InstalledMachine.stateKey, Self.ownKey) == "")
            try await machine.systemd.succeed("mv", "/run/aside", InstalledMachine.stateKey)
            #expect(try await restart().status == 0)
            #expect(try await machine.token("reports") == token)
            #expect(try await machine.counters().total.requests == 1)
        }

        @Test("lies beside the database where none can be encrypted, until the operator has one made that replaces it")
        func moved() async throws {
            let machine = try #require(InstalledMachine.shared)
            try await machine.begin(with: InstalledMachine.publicClient("reports"))
            // Neither a TPM nor a place for a key of the machine that lasts.
            try machine.systemd.write(
                "[Service]\nReadWritePaths=\nReadWritePaths=/etc\nTemporaryFileSystem=/var/lib/systemd\n",
                to: "/run/systemd/system/\(InstalledMachine.keyUnit).d/test.conf"
            )
            try await machine.systemd.succeed("systemctl", "daemon-reload")
            let token = try await machine.token("reports")
            #expect(try await exists(Self.ownKey))
            #expect(try await !exists(InstalledMachine.stateKey))
            #expect(try await machine.systemd.property("Result", of: InstalledMachine.keyUnit) == "exit-code")
            let said = try await machine.systemd.succeed("journalctl", "--output=cat", "-u", InstalledMachine.keyUnit)
            #expect(said.contains("as root: \(InstalledMachine.makeStateKey) && systemctl restart"), "\(said)")
            try await machine.systemd.succeed("rm", "-r", "/run/systemd/system/\(InstalledMachine.keyUnit).d")
            try await machine.systemd.succeed("systemctl", "daemon-reload")

            // The start alone makes none any more.
            #expect(try await restart().status == 0)
            #expect(try await !exists(InstalledMachine.stateKey))
            try await machine.systemd.succeed(InstalledMachine.makeStateKey)
            let key = try await files(InstalledMachine.stateKey)
            try await machine.systemd.succeed(InstalledMachine.makeStateKey)
            #expect(try await files(InstalledMachine.stateKey) == key)
            #expect(try await restart().status == 0)
            #expect(try await exists(Self.ownKey))
            #expect(try await machine.token("reports") == token)
            #expect(try await machine.tokenctl("rekey").status == 0)
            #expect(try await !exists(Self.ownKey))
            #expect(try await restart().status == 0)
            #expect(try await machine.token("reports") == token)
            #expect(try await machine.counters().total.requests == 1)
        }

        @Test("comes to another machine as the operator exports it")
        func exported() async throws {
            let machine = try #require(InstalledMachine.shared)
            try await machine.begin(with: InstalledMachine.publicClient("reports"))
            try await machine.addSettings("Restart=no")
            let token = try await machine.token("reports")
            let key = InstalledMachine.stateKey
            try await machine.systemd.stop(InstalledMachine.service)
            let exported = try await machine.systemd.succeed("systemd-creds", "decrypt", "--transcode=base64", key, "-")
            // Another machine has another key of its own.
            try await machine.systemd.succeed("rm", Self.hostKey)
            let database = try await files(Self.database)
            #expect(try await restart().status != 0)
            #expect(try await machine.status().contains("status=243/CREDENTIALS"))
            #expect(try await files(Self.database) == database)
            #expect(try await !exists(Self.ownKey))

            let script = """
                set -euo pipefail
                base64 --decode | systemd-creds encrypt --name=tokenbroker.state-key --tpm2-pcrs= - "$1"
                """
            let imported = try await machine.systemd.run(["bash", "-c", script, "-", key], input: exported)
            #expect(imported.status == 0, "\(imported.errors)")
            #expect(try await restart().status == 0)
            #expect(try await machine.token("reports") == token)
            #expect(try await machine.counters().total.requests == 1)
        }
    }
}
