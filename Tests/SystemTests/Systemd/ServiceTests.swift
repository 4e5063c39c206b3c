import Foundation
import Testing

extension InstalledTests {
    /// What operators do to the service, and what `systemctl` then says.
    @Suite("The service")
    struct ServiceTests {
        private static let broken = InstalledMachine.publicClient("billing", "scopes = 3")

        @Test("is started when it is ready, and its status says how its clients are")
        func start() async throws {
            let machine = try #require(InstalledMachine.shared)
            try await machine.begin(with: InstalledMachine.publicClient("reports"))
            try await machine.systemd.start(InstalledMachine.service)
            // It is said together with READY=1, and not before.
            #expect(try await machine.property("StatusText") == "1 client: 1 idle")
            _ = try await machine.token("reports")
            try await machine.systemd.succeed("systemctl", "restart", InstalledMachine.service)
            #expect(try await machine.status().contains("Status: \"1 client: 1 fresh\""))
        }

        @Test(
            "that refuses its configuration fails to start, says why, and starts when it is mended; callers wait for it"
        )
        func refusedConfiguration() async throws {
            let machine = try #require(InstalledMachine.shared)
            let good = InstalledMachine.publicClient("reports")
            try await machine.begin(with: good, Self.broken)
            let files = try await machine.socketFiles()
            #expect(try await machine.systemd.run(["systemctl", "start", InstalledMachine.service]).status != 0)
            let status = try await machine.status()
            #expect(status.contains("\(InstalledMachine.configuration):"), "\(status)")
            #expect(status.contains("clients.billing.scopes: wrong type"), "\(status)")
            #expect(try await machine.property("ExecMainStatus") == "78")

            async let waiting = machine.tokenctl("token", "reports")
            // Twice, with a caller in the socket: systemd does not lose patience with either.
            try await Patience.wait(for: "another start", evidence: { "" }) {
                while Int(try await machine.property("NRestarts")) ?? 0 < 2 {}
            }
            try machine.configure([good])
            let ended = try await waiting
            #expect(ended.status == 0, "\(ended.errors)")
            #expect(try await machine.socketFiles() == files)
            #expect(try await machine.property("ActiveState") == "active")
        }

        @Test("without a configuration says what to do")
        func missingConfiguration() async throws {
            let machine = try #require(InstalledMachine.shared)
            try await machine.begin()
            try await machine.systemd.succeed("rm", InstalledMachine.configuration)
            #expect(try await machine.systemd.run(["systemctl", "start", InstalledMachine.service]).status != 0)
            let status = try await machine.status()
            #expect(status.contains("\(InstalledMachine.configuration): cannot be read"), "\(status)")
            #expect(status.contains("write it"), "\(status)")
        }

        @Test("is reloaded as a whole, or fails to be, with the reason in its status")
        func reload() async throws {
            let machine = try #require(InstalledMachine.shared)
            let reports = InstalledMachine.publicClient("reports")
            let mail = InstalledMachine.publicClient("mail")
            try await machine.begin(with: reports)
            let token = try await machine.token("reports")

            try machine.configure([reports, mail])
            try await machine.systemd.succeed("systemctl", "reload", InstalledMachine.service)
            #expect(try await machine.tokenctl("token", "mail").status == 0)

            try machine.configure([mail, InstalledMachine.publicClient("new"), Self.broken])
            #expect(try await machine.systemd.run(["systemctl", "reload", InstalledMachine.service]).status != 0)
            let status = try await machine.status()
            #expect(status.contains("reload refused") && status.contains("wrong type"), "\(status)")
            #expect(status.contains("Active: active (running)"), "\(status)")
            // Neither is the one gone that the file has no more, nor the other there that is right in it.
            #expect(try await machine.token("reports") == token)
            #expect(try await machine.tokenctl("token", "new").status == 77)

            try machine.configure([mail])
            try await machine.systemd.succeed("systemctl", "reload", InstalledMachine.service)
            #expect(try await machine.status().contains("reload refused") == false)
            #expect(try await machine.tokenctl("token", "reports").status == 77)
        }

        @Test("answers who waits when it is stopped, and exits with 0 within a second")
        func stop() async throws {
            let machine = try #require(InstalledMachine.shared)
            let isQuick = try await machine.stopsWithinSecond {
                try await machine.begin(with: InstalledMachine.publicClient("reports"))
                try await machine.systemd.start(InstalledMachine.service)
                try await machine.tellServer("PUT", "behaviour", #"{"hold": true}"#)
                async let waiting = machine.tokenctl("token", "reports", "--timeout", "60s")
                try await machine.waitForHeldRequest()
                try await machine.systemd.stop(InstalledMachine.service)
                let ended = try await waiting
                #expect(ended.status == 75 && ended.errors.contains("stopping"), "\(ended.status) \(ended.errors)")
                #expect(try await machine.property("ExecMainStatus") == "0")
                #expect(try await machine.property("Result") == "success")
            }
            #expect(isQuick)
        }
    }
}
