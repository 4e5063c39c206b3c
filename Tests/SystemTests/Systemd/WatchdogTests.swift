import Testing

extension InstalledTests {
    /// A daemon that stands still, and one whose disk does.
    @Suite("The watchdog")
    struct WatchdogTests {
        /// In seconds; the patience with a disk, of one, is within it.
        private static let interval = 4

        private static let settings = """
            WatchdogSec=\(interval)s
            RestartSec=100ms
            \(HeldThreads.settings)
            """

        @Test("has a daemon restarted that stands still", arguments: HeldThreads.Place.allCases)
        func standstill(place: HeldThreads.Place) async throws {
            let machine = try #require(InstalledMachine.shared)
            try await machine.begin(with: InstalledMachine.publicClient("reports"))
            let threads = try await HeldThreads(on: machine.systemd)
            try await machine.addSettings(Self.settings)
            try await machine.systemd.start(InstalledMachine.service)
            let ended = try await threads.end {
                try threads.hold(place)
                // What the store does not take is served all the same.
                if place == .store { _ = try await machine.token("reports") }
            }
            #expect(ended == "watchdog ABRT")
            // Until it is ready again.
            try await machine.systemd.start(InstalledMachine.service)
            #expect(try await machine.property("NRestarts") == "1")
            _ = try await machine.token("reports")
        }

        @Test("lets a daemon be whose disk stands still; callers are served, operators are told, and no token is lost")
        func stalledDisk() async throws {
            let (machine, threads, latest) = try await rotate { try await $0.stallDisk() }
            let pid = try await machine.property("MainPID")
            try await machine.systemd.loseWatchdogPatience(Self.interval * 3)
            let status = try await machine.property("StatusText")
            #expect(status.contains("ALARM: the newest refresh token of mail is in memory alone"), "\(status)")
            #expect(try await machine.token("mail") == latest)
            #expect(try await machine.property("MainPID") == pid)
            #expect(try await machine.property("NRestarts") == "0")

            try await threads.freeDisk()
            try await Patience.wait(for: "the end of the alarm", evidence: { "" }) {
                while try await machine.property("StatusText").contains("ALARM") {}
            }
            try await machine.systemd.succeed("systemctl", "restart", InstalledMachine.service)
            try await machine.expectKept(latest)
        }

        @Test("loses no refresh token with a daemon whose store is deadlocked")
        func deadlockedStore() async throws {
            let (machine, threads, latest) = try await rotate { try $0.hold(.store) }
            #expect(try await threads.end {} == "watchdog ABRT")
            try await machine.systemd.start(InstalledMachine.service)
            try await machine.expectKept(latest)
        }

        /// A rotation whose new refresh token meets what `obstruct` does to the store; returns the token that came with it.
        private func rotate(
            _ obstruct: (HeldThreads) async throws -> Void
        ) async throws -> (InstalledMachine, HeldThreads, latest: String) {
            let machine = try #require(InstalledMachine.shared)
            let threads = try await HeldThreads(on: machine.systemd)
            let first = try await machine.beginWithGrant(Self.settings)
            let refreshed = try await machine.whileRotating { try await obstruct(threads) }
            #expect(refreshed.status == 0, "\(refreshed.errors)")
            let latest = try await machine.token("mail")
            #expect(latest != first)
            return (machine, threads, latest)
        }
    }
}
