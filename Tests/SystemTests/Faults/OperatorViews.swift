import LocalAPI
import Testing

/// What each of the operator's faces says in one moment.
struct OperatorViews: Sendable {
    let status: StatusDocument
    let command: StatusDocument
    let ready: SocketHTTP.Answer
    let metrics: [Substring]

    static func read(_ room: Room) async throws -> OperatorViews {
        let status = try await SocketHTTP.get("/v1/status", on: room.adminSocket)
        let command = try await Command.tokenctl("status", "--format", "json", in: room)
        let ready = try await SocketHTTP.get("/readyz", on: room.adminSocket)
        let metrics = try await SocketHTTP.get("/metrics", on: room.adminSocket)
        return OperatorViews(
            status: try DocumentCoding.decode(StatusDocument.self, from: Array(status.body.utf8)),
            command: try DocumentCoding.decode(StatusDocument.self, from: Array(command.output.utf8)),
            ready: ready,
            metrics: metrics.body.split(separator: "\n")
        )
    }

    func client(_ name: String) throws -> ClientStatus {
        try #require(status.clients.first { $0.client == name })
    }

    /// The state that the metrics give a client; nil when they give it none, or several.
    func state(inMetricsOf client: String) -> String? {
        let prefix = "tokenbroker_client_state{client=\"\(client)\",state=\""
        let states = metrics.filter { $0.hasPrefix(prefix) && $0.hasSuffix("\"} 1") }
        return states.count == 1 ? states[0].dropFirst(prefix.count).split(separator: "\"").first.map(String.init) : nil
    }

    /// Where one of them says something else than another.
    func checkAgreement() {
        #expect(status.clients.map(Shown.init) == command.clients.map(Shown.init))
        let troubled = status.clients.filter { [.expired, .misconfigured, .loginRequired].contains($0.state) }
        #expect(ready.status == (troubled.isEmpty ? 200 : 503))
        for (state, clients) in Dictionary(grouping: status.clients, by: \.state) {
            #expect(ready.body.contains(" \(clients.count) \(state.rawValue)"), "\(ready.body)")
        }
        for client in status.clients {
            #expect(state(inMetricsOf: client.client) == client.state.rawValue, "\(client.client)")
            let expiry = "tokenbroker_token_expiry_seconds{client=\"\(client.client)\"} "
            let hasExpiry = metrics.contains { $0.hasPrefix(expiry) }
            #expect(hasExpiry == (client.expiresAt != nil), "\(client.client)")
        }
    }

    /// What does not change from one moment to the next.
    private struct Shown: Equatable {
        let client: String
        let state: ClientState
        let serving: Bool
        let expiresAt: Int?
        let cause: String?
        let serverStatus: Int?

        init(_ status: ClientStatus) {
            client = status.client
            state = status.state
            serving = status.serving
            expiresAt = status.expiresAt
            cause = status.lastError?.cause
            serverStatus = status.lastError?.serverStatus
        }
    }
}
