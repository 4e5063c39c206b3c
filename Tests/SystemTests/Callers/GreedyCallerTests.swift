import Foundation
import Glibc
import MockAuthorizationServer
import Testing

/// What a caller that is allowed can make the daemon send, whatever it asks and however often.
@Suite("A greedy caller", .timeLimit(.minutes(5)))
struct GreedyCallerTests {
    @Test("that asks 1,000 times at once, and hangs up and asks again, brings about one token request")
    func atOnce() async throws {
        try await withBilling { server, room in
            server.setBehaviour(.held)
            for _ in 0..<300 { try SocketHTTP.askAndHangUp("/v1/token/billing", on: room.tokenSocket) }
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<1_000 {
                    let query = ["timeout=60", "timeout=60&min_ttl=30m", "timeout=60&scope=a+b"][number % 3]
                    group.addTask {
                        try await SocketHTTP.get("/v1/token/billing?\(query)", on: room.tokenSocket).status
                    }
                }
                _ = try await server.counters { $0.held == 1 }
                try await room.metric("tokenbroker_connections") { $0 > 1_000 }
                server.release()
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(statuses == [200])
            #expect(server.counters().tokenRequests == 1)
        }
    }

    @Test("that wants more of a token's life than others forces a refresh once in a tenth of it")
    func minTTL() async throws {
        try await withBilling { server, room in
            server.setLifetime(.seconds(20))
            #expect(try await SocketHTTP.get("/v1/token/billing", on: room.tokenSocket).status == 200)
            // From now on none is as good as the first.
            server.setLifetime(.seconds(10))
            let tenth = Duration.seconds(1)
            let start = ContinuousClock.now
            var number = 0
            while server.counters().tokenRequests < 5 {
                number += 1
                let query = "min_ttl=\(number % 61)&timeout=\(number % 3)"
                let answer = try await SocketHTTP.get("/v1/token/billing?\(query)", on: room.tokenSocket)
                #expect([200, 409, 503].contains(answer.status))
            }
            let tenths = (ContinuousClock.now - start) / tenth
            #expect(number > server.counters().tokenRequests)
            // The first token's, and what the time since grants: one at once, and one for every tenth that has passed.
            #expect(Double(server.counters().tokenRequests) <= 2 + tenths)
        }
    }

    @Test(
        "that asks for every combination of scopes gets 16 tokens of a client, and brings about 16 token requests",
        arguments: [("24h", nil), ("never", nil), ("never", "invalid_scope")]
    )
    func scopes(keepWarm: String, error: String?) async throws {
        try await withBilling(more: "keep_warm = \"\(keepWarm)\"") { server, room in
            if let error { server.setBehaviour(.error(error)) }
            let combinations = (1..<32).map { bits in
                (0..<5).filter { bits >> $0 & 1 == 1 }.map {
                    String("abcde"[String.Index(utf16Offset: $0, in: "abcde")])
                }
            }
            var statuses: [Int: Int] = [:]
            for _ in 0..<3 {
                for scopes in combinations {
                    // A scope is a set, whatever its order.
                    for text in [scopes.joined(separator: "+"), scopes.reversed().joined(separator: "+")] {
                        let answer = try await SocketHTTP.get("/v1/token/billing?scope=\(text)", on: room.tokenSocket)
                        statuses[answer.status, default: 0] += 1
                    }
                }
                let beyond = try await SocketHTTP.get("/v1/token/billing?scope=other", on: room.tokenSocket)
                #expect(beyond.status == 400)
            }
            #expect(Set(statuses.keys) == [error == nil ? 200 : 502, 429])
            #expect(server.counters().tokenRequests <= 16)
        }
    }

    @Test("of a server that refuses the client brings about one token request, of one that fails one a second")
    func failures() async throws {
        try await withBilling { server, room in
            server.setBehaviour(.error("invalid_client", status: 401))
            for _ in 0..<300 {
                let answer = try await SocketHTTP.get("/v1/token/billing?timeout=60", on: room.tokenSocket)
                #expect(answer.status == 502)
            }
            #expect(server.counters().tokenRequests == 1)
        }
        try await withBilling { server, room in
            server.setBehaviour(.error("temporarily_unavailable", status: 503))
            let start = ContinuousClock.now
            var number = 0
            while server.counters().tokenRequests < 3 {
                number += 1
                let answer = try await SocketHTTP.get("/v1/token/billing?timeout=0", on: room.tokenSocket)
                #expect(answer.status == 503)
            }
            #expect(number > server.counters().tokenRequests)
            #expect(2 <= (ContinuousClock.now - start) / .seconds(1))
        }
    }

    private func withBilling(
        more: String = "",
        _ body: (MockAuthorizationServer, Room) async throws -> Void
    ) async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        let scopes = #"scopes = ["a", "b"]"#
        let allow = #"allow = [{ user = \#(geteuid()), scopes = ["c", "d", "e"] }]"#
        try room.configure(try room.client("billing", at: server, more: "\(scopes)\n\(allow)\n\(more)"))
        try await withDaemon(in: room) { _ in try await body(server, room) }
        await server.stop()
    }
}
