import Glibc
import MockAuthorizationServer
import Testing

/// The daemon dies without a word, as by `kill -9`, and is started again.
@Suite("A crash", .timeLimit(.minutes(5)))
struct CrashTests {
    @Test("costs no token request: the token of before is served, again and again")
    func sameToken() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(room.client("billing", at: server), room.client("reports", at: server))
        let before = try await run(room) { try await tokens($0) }
        for _ in 0..<5 {
            let again = try await run(room) { try await tokens($0) }
            #expect(again == before)
        }
        #expect(server.counters().tokenRequests == 2)
        await server.stop()
    }

    @Test("under callers and refreshes leaves what was served last")
    func underLoad() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(room.client("billing", at: server))
        for round in 1...8 {
            let served = try await run(room) { room in
                let refreshed = try await Command.tokenctl("refresh", "billing", in: room)
                #expect(refreshed.status == 0, "\(refreshed.errors)")
                // The crash comes in the midst of these.
                for _ in 0..<8 {
                    Task { _ = try? await SocketHTTP.get("/v1/token/billing", on: room.tokenSocket) }
                }
                return try await Command.tokenctl("token", "billing", in: room).output
            }
            let again = try await run(room) { try await Command.tokenctl("token", "billing", in: $0).output }
            #expect(again == served)
            #expect(server.counters().tokenRequests == round)
        }
        await server.stop()
    }

    @Test("while the server is being asked leaves the token of before")
    func duringRequest() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(room.client("billing", at: server))
        let before = try await run(room) { room in
            let token = try await Command.tokenctl("token", "billing", in: room).output
            server.setBehaviour(.held)
            Task { _ = try? await SocketHTTP.post("/v1/clients/billing/refresh", on: room.adminSocket) }
            _ = try await server.counters { $0.held == 1 }
            return token
        }
        let after = try await run(room) { try await Command.tokenctl("token", "billing", in: $0).output }
        #expect(after == before)
        await server.stop()
    }

    /// A daemon's life that ends by SIGKILL; returns what `body` does.
    private func run<Value: Sendable>(
        _ room: Room,
        _ body: (Room) async throws -> Value
    ) async throws -> Value {
        let (status, value) = try await withDaemon(in: room) { daemon in
            let value = try await body(room)
            await daemon.crash()
            return value
        }
        #expect(status == -SIGKILL)
        return value
    }

    private func tokens(_ room: Room) async throws -> [String] {
        [
            try await Command.tokenctl("token", "billing", in: room).output,
            try await Command.tokenctl("token", "reports", in: room).output,
        ]
    }
}
