import Benchmarking
import Foundation
import LinuxHost

/// Many clients of one mock authorization server, and the room in which a daemon holds their tokens.
final class Fleet {
    /// As long as the realistic token of the other benchmarks.
    private static let tokenLength = 1_200

    /// No server's budget is to be measured, but one has to be named.
    private static let budget = (requestsPerSecond: 5_000, concurrent: 64)

    /// Enough for ten thousand tokens on a busy machine.
    private static let patience: Duration = .seconds(300)

    let room: Room
    let server: MockServer

    /// The names of the clients.
    let clients: [String]

    /// What else each client's callers may ask for; a client's token for each is kept in a slot of its own.
    let scopes: [String]

    /// - Parameter keepWarm: Whether tokens are asked for and refreshed without a caller.
    init(of count: Int, scopes: Int = 0, lifetime: String, keepWarm: Bool) throws {
        room = try Room()
        server = try MockServer(
            ["--lifetime", lifetime, "--token-length", "\(Self.tokenLength)"],
            processor: Processors.asking
        )
        clients = (0..<count).map { "client-\($0)" }
        self.scopes = (0..<scopes).map { "scope-\($0)" }
        let origin = server.tokenEndpoint.split(separator: "/").prefix(2).joined(separator: "//")
        let quoted = self.scopes.map { "\"\($0)\"" }.joined(separator: ", ")
        let secret = try room.write("secret", "s3cret-of-the-clients")
        let budget = """
            [servers."\(origin)"]
            requests_per_second = \(Self.budget.requestsPerSecond)
            concurrent = \(Self.budget.concurrent)

            """
        let tables = clients.map { name in
            """
            [clients.\(name)]
            token_endpoint = "\(server.tokenEndpoint)"
            client_id = "\(name)-id"
            client_secret = { file = "\(secret)" }
            scopes = ["invoices/read"]
            allow = [{ user = \(CurrentProcess.uid), scopes = [\(quoted)] }]
            keep_warm = "\(keepWarm ? "always" : "24h")"

            """
        }
        try room.configure(budget + tables.joined())
    }

    /// A daemon on its own processor.
    func daemon() throws -> Daemon { try Daemon(in: room, processor: Processors.measured, patience: Self.patience) }

    /// Asks once for each of a number of tokens: of each client for its own, then for the first scope, and so on.
    func fetch(_ count: Int) throws {
        let wanted = [nil] + scopes.map(Optional.some)
        for index in 0..<count {
            let scope = wanted[index / clients.count].map { "?scope=\($0)" } ?? ""
            let request = HTTPExchange.request("GET", "/v1/token/\(clients[index % clients.count])\(scope)")
            let answer = try HTTPExchange(request, to: .unixSocket(room.tokenSocket))
            guard answer.status == 200 else { throw BenchmarkFailure("a fetch was refused: \(answer.text)") }
        }
    }

    // MARK: What the authorization server saw

    private struct Counters: Decodable {
        struct Total: Decodable { let outcomes: [String: Int] }
        let total: Total
    }

    /// A token request that the server saw.
    struct Request: Decodable {
        /// Counts them from 1.
        let number: Int
        let client: String?
        /// Since 1970-01-01 UTC, in seconds.
        let at: Double
    }

    private func answer(_ path: String) throws -> Data {
        Data(try HTTPExchange(HTTPExchange.request("GET", "/control/\(path)"), to: .port(server.controlPort)).body)
    }

    /// How many tokens it has issued.
    func issuedTokens() throws -> Int {
        try JSONDecoder().decode(Counters.self, from: answer("counters")).total.outcomes["issued"] ?? 0
    }

    /// The latest requests, in the order of their arrival: all of the first 10,000, and 5,000 at least of more.
    func requests() throws -> [Request] { try JSONDecoder().decode([Request].self, from: answer("requests")) }

    /// Returns when so many tokens were issued.
    func waitForTokens(_ count: Int) throws {
        // The document is long where the clients are many.
        let interval: Duration = .milliseconds(50 + clients.count / 20)
        let deadline = ContinuousClock.now + Self.patience
        while try issuedTokens() < count {
            guard ContinuousClock.now < deadline else {
                throw BenchmarkFailure(
                    "\(try issuedTokens()) of \(count) tokens were issued:\n\(room.log.suffix(2_000))"
                )
            }
            Pause.lasting(interval)
        }
    }
}
