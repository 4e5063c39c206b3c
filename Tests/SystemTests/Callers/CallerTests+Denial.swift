import Foundation
import MockAuthorizationServer
import Testing

extension CallerTests {
    /// What a caller that is not allowed learns, and what it can bring about: nothing.
    @Suite("A refused caller")
    struct DenialTests {
        private static let caller = 20001
        private static let existing = "billing"
        private static let unknown = "nothing"
        private static let requests = 2_000

        /// Every way to ask for a client, by its name.
        private static let ways: [@Sendable (String) -> String] = [
            { "GET /v1/token/\($0)" },
            { "GET /v1/token/\($0)?scope=other&min_ttl=5m&timeout=1" },
            { "POST /oauth2/token grant_type=client_credentials&client_id=\($0)" },
            { "GET /v1/watch/\($0)" },
            { #"POST /v1/token/\#($0)/rejected {"access_token":"x"}"# },
        ]

        /// Rules that do not fit the caller: those of units have its unit looked at, and many take their time.
        private static let rules = [
            "[{ user = 20002 }]",
            "[]",
            #"[{ user = 20002 }, { group = 21001 }, { unit = "billing.service" }]"#,
            #"[{ user = 20001, unit = "billing.service" }]"#,
            "[" + (30_000..<30_500).map { "{ user = \($0), group = 20001 }" }.joined(separator: ", ") + "]",
        ]

        @Test("cannot tell by the time whether a client exists, nor make the daemon ask for anything", arguments: rules)
        func time(rule: String) async throws {
            try await withRefusingDaemon(rule) { room in
                for way in Self.ways {
                    let requests = [Self.existing, Self.unknown].map(way)
                    let figures = try await TestCaller.load(requests, count: Self.requests, as: Self.caller, in: room)
                    try #require(figures.count == 2)
                    for figures in figures { #expect(figures.statuses == ["403": Self.requests]) }
                    let (longer, shorter) = (max(figures[0].p50, figures[1].p50), min(figures[0].p50, figures[1].p50))
                    #expect(
                        longer <= 1.2 * shorter,
                        "\(requests[0]): \(figures[0].p50) µs, unknown \(figures[1].p50) µs"
                    )
                }
            }
        }

        @Test("hears the same of a client that exists and of one that does not", arguments: rules)
        func words(rule: String) async throws {
            try await withRefusingDaemon(rule) { room in
                // Root is refused by every one of these rules, too.
                for path in ["/v1/token/", "/v1/watch/"] {
                    let existing = try await SocketHTTP.get(path + Self.existing, on: room.tokenSocket)
                    let unknown = try await SocketHTTP.get(path + Self.unknown, on: room.tokenSocket)
                    expectSame(existing, unknown)
                }
                let form = "grant_type=client_credentials&scope=other&client_id="
                let existing = try await SocketHTTP.post(
                    "/oauth2/token",
                    form: form + Self.existing,
                    on: room.tokenSocket
                )
                let unknown = try await SocketHTTP.post(
                    "/oauth2/token",
                    form: form + Self.unknown,
                    on: room.tokenSocket
                )
                expectSame(existing, unknown)
                func report(_ name: String) async throws -> SocketHTTP.Answer {
                    try await SocketHTTP.post(
                        "/v1/token/\(name)/rejected",
                        form: #"{"access_token":"x"}"#,
                        contentType: "application/json",
                        on: room.tokenSocket
                    )
                }
                expectSame(try await report(Self.existing), try await report(Self.unknown))
            }
        }

        private func expectSame(_ existing: SocketHTTP.Answer, _ unknown: SocketHTTP.Answer) {
            #expect(existing.status == 403)
            #expect(existing.status == unknown.status)
            #expect(existing.string("error") == "access_denied")
            #expect(existing.head == unknown.head)
            #expect(existing.body.contains(Self.existing) && unknown.body.contains(Self.unknown))
            #expect(existing.body.replacing(Self.existing, with: Self.unknown) == unknown.body)
        }

        private func withRefusingDaemon(_ rule: String, _ body: (Room) async throws -> Void) async throws {
            let server = try await MockAuthorizationServer.start()
            let room = try Room()
            try room.openToAll()
            try room.configure(try room.client(Self.existing, at: server, more: "allow = \(rule)"))
            try await withDaemon(in: room) { _ in try await body(room) }
            #expect(server.counters().connections == 0)
            #expect(server.counters().tokenRequests == 0)
            await server.stop()
        }
    }
}
