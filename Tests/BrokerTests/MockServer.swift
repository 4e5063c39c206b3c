import MockAuthorizationServer
import OAuth2

/// A server on the same clock as the broker; apart, because both modules know a `Configuration`.
func startServer(_ clock: ManualClock, clients: [String: String]? = nil) async throws -> MockAuthorizationServer {
    var configuration = Configuration()
    configuration.now = { clock.now().sinceEpoch }
    if let clients {
        configuration.clients = .registered(clients.map { RegisteredClient(id: $0.key, secrets: [$0.value]) })
    }
    return try await MockAuthorizationServer.start(configuration)
}
