import MockAuthorizationServer
import Testing

@Suite("The clocks", .timeLimit(.minutes(5)))
struct ClockTests {
    /// Runs a daemon that has a token of an hour, with clocks that `body` moves.
    private func withToken(
        _ body: (Room, MockAuthorizationServer, ShiftedClocks, SocketHTTP.Answer) async throws -> Void
    ) async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        let clocks = try ShiftedClocks(in: room)
        try room.configure(room.client("billing", at: server))
        try await withDaemon(in: room, environment: clocks.environment) { _ in
            let first = try await fetch(room)
            #expect(first.status == 200)
            #expect((3_598...3_600).contains(first.json["expires_in"] as? Int ?? 0))
            try await body(room, server, clocks, first)
        }
        await server.stop()
    }

    private func fetch(_ room: Room) async throws -> SocketHTTP.Answer {
        try await SocketHTTP.get("/v1/token/billing", on: room.tokenSocket)
    }

    @Test("of a machine that slept beyond the token's end: it is not served again, and a new one comes by itself")
    func longSleep() async throws {
        try await withToken { room, server, clocks, first in
            try clocks.set(realtime: 7_200, boottime: 7_200)
            let second = try await fetch(room)
            #expect(second.status == 200)
            #expect(second.string("access_token") != first.string("access_token"))
            // Nobody asks, and yet it is noticed.
            try clocks.set(realtime: 14_400, boottime: 14_400)
            _ = try await server.counters { $0.tokenRequests == 3 }
        }
    }

    @Test("of a machine that slept for a while: the token is served with what is left of it")
    func shortSleep() async throws {
        try await withToken { room, server, clocks, first in
            try clocks.set(realtime: 600, boottime: 600)
            let second = try await fetch(room)
            #expect(second.string("access_token") == first.string("access_token"))
            #expect((2_940...3_000).contains(second.json["expires_in"] as? Int ?? 0))
            #expect(server.counters().tokenRequests == 1)
        }
    }

    @Test("when the wall clock is set ahead by a day: what may be over is not served, and a new one comes by itself")
    func ahead() async throws {
        try await withToken { room, server, clocks, first in
            try clocks.set(realtime: 86_400)
            let second = try await fetch(room)
            #expect(second.status == 200)
            #expect(second.string("access_token") != first.string("access_token"))
            let expiresAt = second.json["expires_at"] as? Int ?? 0
            #expect(expiresAt > (first.json["expires_at"] as? Int ?? 0) + 86_000)
            #expect(server.counters().tokenRequests == 2)
        }
    }

    @Test("when the wall clock is set back by a day: the token lives as long as it does, and not a day longer")
    func back() async throws {
        try await withToken { room, server, clocks, first in
            try clocks.set(realtime: -86_400)
            let second = try await fetch(room)
            #expect(second.string("access_token") == first.string("access_token"))
            #expect((3_540...3_600).contains(second.json["expires_in"] as? Int ?? 0))
            try clocks.set(realtime: -86_400 + 3_600, boottime: 3_600)
            let third = try await fetch(room)
            #expect(third.status == 200)
            #expect(third.string("access_token") != first.string("access_token"))
            #expect(server.counters().tokenRequests == 2)
        }
    }
}
