import Foundation
import Testing

/// The Debian package's life on a machine under a real systemd: installed, used, upgraded, removed and purged.
@Suite("The Debian package", .needsRealSystemd, .needsPackage, .serialized, .timeLimit(.minutes(5)))
struct PackageTests {
    @Test("installs what runs without a Swift toolchain: units enabled, sockets that listen, a daemon without clients")
    func installation() async throws {
        try await PackageMachine.with { machine in
            try await machine.install()
            #expect(try await machine.words(of: "is-enabled") == ["enabled", "enabled", "enabled"])
            #expect(try await machine.words(of: "is-active") == ["active", "active", "active"])
            let systemd = machine.systemd
            #expect(try await systemd.property("StatusText", of: "tokenbrokerd.service") == "0 clients")
            #expect(try await systemd.property("NRestarts", of: "tokenbrokerd.service") == "0")
            let files = try await machine.socketFiles()
            #expect(files.contains(#/token.sock \d+ 666 root:root\n/#))
            #expect(files.contains(#/admin.sock \d+ 660 root:tokenbroker\n/#))

            for program in ["tokenbrokerd", "tokenctl"] {
                let version = try await systemd.succeed(program, "--version")
                #expect(version == BuiltPackage.version, "of \(program)")
                let libraries = try await systemd.succeed("ldd", "/usr/bin/\(program)")
                #expect(!libraries.contains("swift") && !libraries.contains("not found"), "\(libraries)")
                // What starts for every fetch looks for none.
                if program == "tokenctl" { #expect(libraries.contains("statically linked"), "\(libraries)") }
            }
            // A user's own broker is the user's to enable.
            let ofUsers = try await systemd.run(["systemctl", "--global", "is-enabled"] + PackageMachine.units)
            #expect(ofUsers.output == "disabled\ndisabled\ndisabled\n")
            try await systemd.succeed("tokenctl", "status")

            // What seals the state is encrypted to the machine, and lies elsewhere.
            let key = try await systemd.succeed("stat", "--format=%a %U", PackageMachine.stateKey)
            #expect(key == "600 root")
            try await systemd.succeed("test", "-e", "\(PackageMachine.state)/tokenbroker.sqlite")
            #expect(try await !machine.exists("\(PackageMachine.state)/state.key"))
            try await systemd.succeed("mv", PackageMachine.stateKey, "/run/aside")
            #expect(try await systemd.run(["systemctl", "restart", "tokenbrokerd.service"]).status != 0)
            let status = try await systemd.property("StatusText", of: "tokenbrokerd.service")
            #expect(status.contains("neither the credential tokenbroker.state-key"), "\(status)")
            #expect(try await !machine.exists(PackageMachine.stateKey))
        }
    }

    @Test("upgrades over itself while callers fetch: none is refused, tokens and sockets are kept")
    func upgrade() async throws {
        let room = try Room()
        let version = "\(BuiltPackage.version)+later"
        let later = try await BuiltPackage.repacked(version: version, into: room.path)
        let built = try #require(BuiltPackage.name)
        try FileManager.default.copyItem(atPath: "\(BuiltPackage.directory)/\(built)", toPath: "\(room.path)/\(built)")
        try await PackageMachine.with(packages: room.path) { machine in
            try await machine.install()
            try await machine.addClient()
            let systemd = machine.systemd
            // Who asks without being that unit is nobody.
            #expect(try await systemd.run(["tokenctl", "token", "billing"]).status == 77)
            let token = try await machine.token()
            let sockets = try await machine.socketFiles()
            let key = try await systemd.succeed("sha256sum", PackageMachine.stateKey)

            try await systemd.succeed("mkfifo", "/run/begun")
            let script = """
                fetch() { tokenctl token billing || exit; }
                fetch
                echo >/run/begun
                until [ -e /run/enough ]; do fetch; done
                fetch
                """
            async let calls = machine.runAsUnit(script)
            try await systemd.succeed("cat", "/run/begun")
            var processes = [try await systemd.property("MainPID", of: "tokenbrokerd.service")]
            for package in [built, later] {
                try await machine.install(package)
                processes.append(try await systemd.property("MainPID", of: "tokenbrokerd.service"))
            }
            try systemd.write("", to: "/run/enough")
            let ended = try await calls
            #expect(ended.status == 0, "\(ended.errors)")
            let fetched = ended.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            #expect(fetched.count > 20)
            #expect(Set(fetched.map { "\($0)\n" }) == [token])

            // Each upgrade brought the new program into service.
            #expect(Set(processes).count == processes.count)
            #expect(try await systemd.succeed("dpkg-query", "--show", "tokenbroker") == "tokenbroker\t\(version)")
            #expect(try await machine.socketFiles() == sockets)
            #expect(try await systemd.succeed("sha256sum", PackageMachine.stateKey) == key)
            #expect(try await machine.tokenRequests() == 1)
        }
    }

    @Test("a removal keeps configuration and tokens for the next installation, a purge leaves nothing")
    func removal() async throws {
        try await PackageMachine.with { machine in
            let systemd = machine.systemd
            // The machine's own key is the machine's, and stays.
            try await systemd.succeed("systemd-creds", "setup")
            try await machine.listFiles(to: "/tmp/before")
            try await machine.install()
            try await machine.addClient()
            let token = try await machine.token()

            try await systemd.succeed("dpkg", "--remove", "tokenbroker")
            #expect(try await machine.words(of: "is-active") == ["inactive", "inactive", "inactive"])
            #expect(try await machine.socketFiles() == "")
            for kept in [
                PackageMachine.configuration, PackageMachine.client, PackageMachine.state, PackageMachine.stateKey,
            ] {
                #expect(try await machine.exists(kept), "\(kept)")
            }

            try await machine.install()
            #expect(try await machine.token() == token)
            #expect(try await machine.tokenRequests() == 1)

            try await systemd.succeed("dpkg", "--purge", "tokenbroker")
            try await machine.listFiles(to: "/tmp/after")
            // The group stays: a line of a file that is there anyway.
            let difference = try await systemd.succeed("comm", "-3", "/tmp/before", "/tmp/after")
            #expect(difference == "")
            let units = try await systemd.run(["systemctl", "list-unit-files", "--no-legend", "tokenbrokerd*"])
            #expect(units.output == "")
            let loaded = try await systemd.run(["systemctl", "list-units", "--all", "--no-legend", "tokenbrokerd*"])
            #expect(loaded.output == "")
        }
    }
}
