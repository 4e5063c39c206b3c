import Foundation
import MockAuthorizationServer
import Testing

extension CallerTests {
    /// What one user does to the others.
    @Suite("Beside a hostile user")
    struct LatencyTests {
        private static let hostileUser = 20001
        private static let user = 20002
        private static let hostile = 200
        private static let fetches = 2_000

        /// Enough for a median; as long as the machine is busy with something else in most of them, there are more.
        private static let rounds = 5...15

        /// Whether a rule names the hostile user, and how many connections it may have then.
        private static let standings = [
            (rule: "", most: 1_024),
            (rule: "{ user = \(hostileUser) }", most: 2_048),
        ]

        @Test("who holds all it may, another user's fetches take as long as ever, and none fails", arguments: standings)
        func fetches(rule: String, most: Int) async throws {
            let server = try await MockAuthorizationServer.start()
            let room = try Room()
            try room.openToAll()
            try room.configure(
                room.client("billing", at: server, more: "allow = [{ user = \(Self.user) }]"),
                room.client("other", at: server, more: "allow = [\(rule)]")
            )
            // As many descriptors as the unit lets it have.
            try await withDaemon(in: room, through: ["prlimit", "--nofile=16384"]) { _ in
                _ = try await load(in: room)
                var (quiet, beside): ([Double], [Double]) = ([], [])
                while quiet.count < Self.rounds.lowerBound
                    || quiet.count < Self.rounds.upperBound && beside.median > 3 * quiet.median
                {
                    quiet.append(try await load(in: room))
                    let wanted = most + 100
                    let time = try await TestCaller.whileHolding(
                        hostile: Self.hostile,
                        idle: wanted,
                        as: Self.hostileUser,
                        in: room
                    ) { held in
                        #expect(held.refused > 0)
                        #expect((most - Self.hostile...most).contains(held.idle))
                        return try await load(in: room)
                    }
                    beside.append(time)
                    try await room.metric("tokenbroker_connections") { $0 <= 2 }
                }
                #expect(quiet.median > 0)
                #expect(beside.median <= 3 * quiet.median, "quiet \(quiet) µs, beside \(beside) µs")
            }
            await server.stop()
        }

        /// The p99 of a round of fetches, of which none may fail.
        private func load(in room: Room) async throws -> Double {
            let figures = try await TestCaller.load(
                ["GET /v1/token/billing"],
                count: Self.fetches,
                as: Self.user,
                in: room
            )
            #expect(figures.map(\.statuses) == [["200": Self.fetches]])
            return try #require(figures.first).p99
        }
    }
}

extension [Double] {
    fileprivate var median: Double { sorted()[count / 2] }
}
