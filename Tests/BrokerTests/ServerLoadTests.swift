import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

@testable import Broker

/// What keeping tokens fresh takes, and what a budget carries.
@Suite struct ServerLoadTests {
    private func load(_ count: Int, lifetime: Duration, refreshAt: Double = 0.75) -> ServerLoad {
        var load = ServerLoad()
        for _ in 0..<count { load.add(lifetime: lifetime, refreshAt: refreshAt) }
        return load
    }

    @Test(
        arguments: [
            // 1,000 tokens of 90 s are 14.8 requests a second.
            (1_000, 90, 20, false), (1_000, 60, 20, true), (10_000, 3_600, 20, false), (10_000, 600, 20, true),
            (1, 1, 1, true), (1, 2, 1, false), (0, 60, 0.01, false),
        ] as [(Int, Int, Double, Bool)]
    )
    func `a budget carries what its rate allows`(count: Int, lifetime: Int, rate: Double, isTooMuch: Bool) {
        let budget = ServerBudget(requestsPerSecond: rate, concurrent: 8)
        #expect((load(count, lifetime: .seconds(lifetime)).excess(over: budget) != nil) == isTooMuch)
    }

    @Test func `tokens without an end take nothing`() {
        var load = ServerLoad()
        for _ in 0..<1_000 { load.add(lifetime: nil, refreshAt: 0.75) }
        #expect(load == ServerLoad())
    }

    /// So many clients of one server, with tokens that live this long.
    private func configuration(_ clients: Int, _ lifetime: String, _ more: String = "") -> String {
        (0..<clients).map { number in
            """
            [clients.c\(number)]
            client_id = "c"
            client_authentication = "none"
            token_endpoint = "https://as.example/token"
            default_lifetime = "\(lifetime)"
            \(more)

            """
        }.joined()
    }

    @Test func `a check says what lifetimes and rate cannot carry, and where the rate is written`() throws {
        let files = try ConfigurationFiles()
        try files.write("[servers.\"https://as.example\"]\nrequests_per_second = 2\n" + configuration(100, "30s"))
        #expect(
            try files.warnings() == [
                "main.toml:1: servers.\"https://as.example\": by default_lifetime, 100 tokens with lifetimes from 30s take "
                    + "4.4 requests a second to keep fresh, and 2 are allowed: callers will have to wait; raise "
                    + "requests_per_second if the server bears it, or have it issue tokens that live longer"
            ]
        )
        try files.write(configuration(1_000, "30s"))
        #expect(try files.warnings().count == 1)
    }

    @Test(arguments: [(100, "30s", "keep_warm = \"never\""), (100, "never", ""), (10, "30s", "")])
    func `a check is silent about what can be carried`(clients: Int, lifetime: String, more: String) throws {
        let files = try ConfigurationFiles()
        try files.write(
            "[servers.\"https://as.example\"]\nrequests_per_second = 2\n" + configuration(clients, lifetime, more)
        )
        #expect(try files.warnings().isEmpty)
    }

    @Test func `status says it of the lifetimes that the server states`() async throws {
        try await withBroker { rig in
            try rig.start(
                "[servers.\"http://127.0.0.1:\(rig.server.port)\"]\nrequests_per_second = 0.05\n"
                    + rig.client("billing", "keep_warm = \"always\"")
            )
            rig.server.setLifetime(.seconds(20))
            _ = try await rig.ask("/v1/token/billing")
            let server = try #require(try rig.status.servers.first)
            #expect(server.requestsPerSecondNeeded == 0.067)
            #expect(server.requestsPerSecond == 0.05)
            #expect(server.warnings.count == 1 && server.warnings.allSatisfy { $0.contains("lifetimes from 20s") })
        }
    }
}
