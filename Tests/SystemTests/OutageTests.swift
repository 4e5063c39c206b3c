import Foundation
import LocalAPI
import MockAuthorizationServer
import Testing

/// The authorization server goes away and comes back.
@Suite("An outage", .timeLimit(.minutes(5)))
struct OutageTests {
    /// A tenth is the token's min_ttl, 2 s.
    private static let lifetime = Duration.seconds(20)

    @Test("is invisible until min_ttl before the token's end, then answered at once, and ends without a hand")
    func outage() async throws {
        var configuration = Configuration()
        configuration.lifetime = Self.lifetime
        let server = try await MockAuthorizationServer.start(configuration)
        let room = try Room()
        try room.configure(room.client("billing", at: server, more: "refresh_at = 0.3"))
        try await withDaemon(in: room) { _ in
            let first = try await fetch(room)
            #expect(first.status == 200)
            let token = try #require(first.string("access_token"))
            await server.stopListening()

            // What the caller sees of the outage, as long as it sees none.
            var last = first
            var cachedFetches: [Duration] = []
            var failure = first
            while true {
                let (answer, taken) = try await timed { try await fetch(room) }
                if answer.status != 200 {
                    failure = answer
                    break
                }
                #expect(answer.string("access_token") == token)
                cachedFetches.append(taken)
                last = answer
            }
            // Until 2 s before its end, and never beyond: whole seconds, rounded down.
            #expect(last.json["expires_in"] as? Int == 2)
            #expect(failure.status == 503)
            #expect(failure.string("error") == "temporarily_unavailable")
            #expect(failure.string("cause") == "connection_refused")
            #expect(failure.head.lowercased().contains("retry-after: "))
            #expect(failure.string("remedy")?.isEmpty == false)
            let tokenctl = try await Command.tokenctl("token", "billing", in: room)
            #expect(tokenctl.status == 75)
            #expect(tokenctl.output == "")
            #expect(tokenctl.errors.hasPrefix("tokenctl: "))

            // No caller waits for the server that is known to be away, however long it would.
            var failing: [Duration] = []
            for _ in 0..<200 {
                let (answer, taken) = try await timed { try await fetch(room, "?timeout=60") }
                #expect(answer.status == 503)
                failing.append(taken)
            }
            #expect(failing.sorted()[100] < cachedFetches.sorted()[cachedFetches.count / 2] * 10)
            let status = try await room.status(of: "billing")
            #expect(status.state == .expired && !status.serving)
            #expect(status.lastError?.cause == "connection_refused")
            #expect(status.nextAttemptAt != nil)

            try await server.startListening()
            try await Watch.event(of: "billing", in: room) { $0.serving == true }
            let recovered = try await fetch(room)
            #expect(recovered.status == 200)
            #expect(recovered.string("access_token") != token)
        }
        await server.stop()
    }

    @Test("that ends in time is seen by the operator alone")
    func shortOutage() async throws {
        let server = try await MockAuthorizationServer.start()
        server.setLifetime(.seconds(30))
        let room = try Room()
        try room.configure(room.client("billing", at: server, more: "refresh_at = 0.2"))
        try await withDaemon(in: room) { _ in
            let before = try await fetch(room)
            await server.stopListening()
            try await Watch.state(.retrying, of: "billing", in: room)
            let status = try await room.status(of: "billing")
            #expect(status.serving)
            #expect(status.diesAt == status.expiresAt.map { $0 - 3 })
            let table = try await Command.tokenctl("status", in: room)
            #expect(table.output.contains("retrying") && table.output.contains("billing"))
            let during = try await fetch(room)
            #expect(during.string("access_token") == before.string("access_token"))

            try await server.startListening()
            let end = try #require(before.json["expires_at"] as? Int)
            try await Watch.event(of: "billing", in: room) { ($0.expiresAt ?? 0) > end }
            #expect(try await room.status(of: "billing").lastError == nil)
        }
        await server.stop()
    }

    @Test("of one client's server does not delay another client's callers")
    func neighbours() async throws {
        let dead = try await MockAuthorizationServer.start()
        dead.setBehaviour(.held)
        let live = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(room.client("slow", at: dead), room.client("quick", at: live))
        try await withDaemon(in: room) { _ in
            async let waiting = SocketHTTP.get("/v1/token/slow?timeout=60", on: room.tokenSocket)
            _ = try await dead.counters { $0.held == 1 }
            #expect(try await SocketHTTP.get("/v1/token/quick", on: room.tokenSocket).status == 200)
            dead.release()
            #expect(try await waiting.status == 200)
        }
        await dead.stop()
        await live.stop()
    }

    private func fetch(_ room: Room, _ query: String = "") async throws -> SocketHTTP.Answer {
        try await SocketHTTP.get("/v1/token/billing\(query)", on: room.tokenSocket)
    }

    private func timed<Value>(_ work: () async throws -> Value) async throws -> (Value, Duration) {
        let clock = ContinuousClock()
        let start = clock.now
        let value = try await work()
        return (value, clock.now - start)
    }
}
