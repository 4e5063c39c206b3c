import Testing

extension InstalledTests {
    /// What systemd says of the files themselves.
    @Suite("The unit files")
    struct UnitFileTests {
        private static let names = [InstalledMachine.service, InstalledMachine.tokenUnit, InstalledMachine.adminUnit]
        private static let system = "/etc/systemd/system"
        private static let user = "/etc/systemd/user"

        /// Of 100: what is left is that the daemon talks to the world, and sees who its callers are.
        private static let greatestExposure = 15

        private func verify(_ names: [String], in directory: String, _ options: String...) async throws -> Command {
            let machine = try #require(InstalledMachine.shared)
            return try await machine.systemd.run(
                ["env", "XDG_RUNTIME_DIR=/run", "systemd-analyze", "verify"] + options
                    + names.map { "\(directory)/\($0)" }
            )
        }

        @Test("are right without a doubt, a user's too")
        func verification() async throws {
            for ended in [
                try await verify(Self.names + [InstalledMachine.keyUnit], in: Self.system),
                try await verify(Self.names, in: Self.user, "--user"),
            ] {
                #expect(ended.status == 0)
                #expect(ended.errors == "")
            }
        }

        @Test("would be doubted with a word that this systemd does not know")
        func doubt() async throws {
            let machine = try #require(InstalledMachine.shared)
            let path = "/run/doubtful/tokenbrokerd.service"
            try machine.systemd.write("[Service]\nExecStart=/bin/true\nPrivateDevlces=yes\n", to: path)
            #expect(try await machine.systemd.run(["systemd-analyze", "verify", path]).errors != "")
        }

        @Test("leave the service little that it could do harm with")
        func exposure() async throws {
            let machine = try #require(InstalledMachine.shared)
            let ended = try await machine.systemd.run([
                "systemd-analyze", "security", "--offline=true", "--threshold=\(Self.greatestExposure)", "--no-pager",
                "\(Self.system)/\(InstalledMachine.service)",
            ])
            #expect(ended.status == 0, "\(ended.output.split(separator: "\n").suffix(1)) \(ended.errors)")
        }
    }
}
