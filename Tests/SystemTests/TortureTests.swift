import Foundation
import LocalAPI
import MockAuthorizationServer
import Testing

/// What takes minutes, and the machine to itself: `make torture`.
@Suite(
    "For minutes",
    .enabled(if: ProcessInfo.processInfo.environment["TOKENBROKER_TORTURE"] != nil, "make torture"),
    .serialized
)
struct TortureTests {
    private static let clients = 1_000
    private static let requestsPerSecond = 20

    @Test("1,000 warm clients with tokens of 90 s keep within 20 requests a second, and no caller fails")
    func fleet() async throws {
        let server = try await MockAuthorizationServer.start()
        server.setLifetime(.seconds(90))
        var behaviour = Behaviour()
        behaviour.delay = .milliseconds(200)
        server.setBehaviour(behaviour)
        let room = try Room()
        try room.configure(
            (0..<Self.clients).map { number in
                """
                [clients.c\(number)]
                token_endpoint = "\(server.tokenEndpoint)"
                client_id = "c\(number)"
                client_authentication = "none"
                keep_warm = "always"

                """
            }.joined()
        )
        try await withDaemon(in: room) { _ in
            _ = try await server.counters { $0.total.outcomes["issued"] == Self.clients }
            let end = ContinuousClock.now + .seconds(240)
            var (count, failures) = (0, [String]())
            var number = 0
            while ContinuousClock.now < end {
                number = (number + 7) % Self.clients
                let answer = try await SocketHTTP.get("/v1/token/c\(number)", on: room.tokenSocket)
                count += 1
                if answer.status != 200 { failures.append("\(answer.status) \(answer.body)") }
            }
            #expect(failures.isEmpty)
            let status = try await room.status()
            #expect(status.clients.allSatisfy { $0.serving })
            #expect(status.servers.allSatisfy { $0.warnings.isEmpty })
            let arrivals = server.requests().map(\.at).sorted()
            let busiest = Self.busiestSecond(arrivals)
            #expect(busiest <= Self.requestsPerSecond)
            print(
                "\(count) fetches, \(failures.count) failed; \(arrivals.count) token requests, at most \(busiest) a second"
            )
        }
        await server.stop()
    }

    private static func busiestSecond(_ arrivals: [Duration]) -> Int {
        var (most, first) = (0, 0)
        for last in arrivals.indices {
            while arrivals[last] - arrivals[first] >= .seconds(1) { first += 1 }
            most = max(most, last - first + 1)
        }
        return most
    }
}
