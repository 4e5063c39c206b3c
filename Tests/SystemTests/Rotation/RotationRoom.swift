import Foundation
import LocalAPI
import MockAuthorizationServer
import Testing

/// What a server makes of a refresh token that was spent before.
enum ReplayPolicy: String, Sendable, CaseIterable, CustomTestStringConvertible {
    /// A replay ends the family (RFC 9700 §4.14.2).
    case strict

    /// A replay is granted for ten seconds, as most servers do that care for lost answers.
    case graceful

    var rotation: RotationPolicy {
        var policy = RotationPolicy()
        policy.graceWindow = self == .graceful ? .seconds(10) : .zero
        return policy
    }

    var testDescription: String { "a \(rawValue) server" }
}

/// A daemon's room with clients whose refresh tokens rotate, at a mock server of their own.
struct RotationRoom: Sendable {
    let room: Room
    let server: MockAuthorizationServer
    let policy: ReplayPolicy
    let clients: [String]

    /// The client of tests that need but one.
    static let client = "billing"

    /// How the server knows a client.
    func id(of client: String) -> String { "\(client)-id" }

    /// Configures the clients with first refresh tokens of new logins; `keys` follow in each client's section.
    fileprivate init(
        _ server: MockAuthorizationServer,
        _ policy: ReplayPolicy,
        clients: [String],
        scope: String,
        keys: String,
        daemon: String
    ) throws {
        self.server = server
        self.policy = policy
        self.clients = clients
        room = try Room()
        for client in clients { try logIn(client, scope: scope) }
        try configure(keys: keys, daemon: daemon)
    }

    /// Another machine with the same configuration and state key, whose state is what `backup` has.
    func elsewhere(restoring backup: String) throws -> RotationRoom {
        let other = RotationRoom(room: try Room(), server: server, policy: policy, clients: clients)
        for client in clients {
            try other.room.secret(
                "\(client).first",
                String(contentsOfFile: firstTokenFile(of: client), encoding: .utf8)
            )
        }
        try other.configure()
        let files = FileManager.default
        try files.createDirectory(atPath: other.room.state, withIntermediateDirectories: true)
        try files.copyItem(atPath: "\(room.state)/state.key", toPath: "\(other.room.state)/state.key")
        try files.copyItem(atPath: backup, toPath: other.room.database)
        return other
    }

    private init(room: Room, server: MockAuthorizationServer, policy: ReplayPolicy, clients: [String]) {
        self.room = room
        self.server = server
        self.policy = policy
        self.clients = clients
    }

    /// Writes the configuration anew.
    func configure(keys: String = "", daemon: String = "") throws {
        let sections = try clients.map { client in
            try room.client(
                client,
                at: server,
                more: """
                    grant = "refresh_token"
                    refresh_token = { file = "\(firstTokenFile(of: client))" }
                    revocation_endpoint = "\(server.url(.revocation))"
                    \(keys)
                    """
            )
        }
        try room.configure(daemon: daemon, sections.joined(separator: "\n"))
    }

    func firstTokenFile(of client: String) -> String { "\(room.path)/\(client).first" }

    /// Puts the first refresh token of a new login where the configuration says it is.
    func logIn(_ client: String = Self.client, scope: String = "") throws {
        let token = server.issueRefreshToken(client: id(of: client), scope: scope)
        try room.secret("\(client).first", token)
    }

    // MARK: What is asked of the daemon

    /// The operator's refresh, which is answered when its outcome is known.
    func refresh(_ client: String = Self.client, _ query: String = "") async throws -> SocketHTTP.Answer {
        try await SocketHTTP.post("/v1/clients/\(client)/refresh\(query)", on: room.adminSocket)
    }

    /// Has the client refreshed, which is to succeed.
    func expectRefreshed(_ client: String = Self.client, at place: SourceLocation = #_sourceLocation) async throws {
        let answer = try await refresh(client)
        #expect(answer.status == 200, "\(answer.body)\n\(evidence(client))", sourceLocation: place)
    }

    /// Has the configuration reloaded, which is to succeed.
    func expectReloaded(at place: SourceLocation = #_sourceLocation) async throws {
        let answer = try await reload()
        #expect(answer.status == 200, "\(answer.body)", sourceLocation: place)
    }

    func fetch(_ client: String = Self.client, _ query: String = "") async throws -> SocketHTTP.Answer {
        try await SocketHTTP.get("/v1/token/\(client)\(query)", on: room.tokenSocket)
    }

    func reload() async throws -> SocketHTTP.Answer { try await SocketHTTP.post("/v1/reload", on: room.adminSocket) }

    func ready() async throws -> SocketHTTP.Answer { try await SocketHTTP.get("/readyz", on: room.adminSocket) }

    /// The alarms that stand.
    func alarms() async throws -> [String] { try await room.status().alarms.map(\.alarm) }

    // MARK: What the server saw

    /// What the server made of each refresh token that the client presented.
    func judgements(_ client: String = Self.client) -> [RefreshJudgement] {
        server.presentations(of: id(of: client)).map(\.judgement)
    }

    func verdict(_ client: String = Self.client) -> RotationVerdict { server.rotationVerdict(of: id(of: client)) }

    /// The access token that the server gave the client last.
    func newestToken(_ client: String = Self.client) -> String? {
        server.issuedTokens().last { $0.clientID == id(of: client) }?.value
    }

    /// Waits until the client is in `state`.
    func wait(for state: ClientState, of client: String = Self.client) async throws {
        try await Patience.wait(for: "the state \(state.rawValue)", evidence: { evidence(client) }) {
            try await Watch.state(state, of: client, in: room)
        }
    }

    /// Waits until the server has seen and done what `condition` asks for.
    @discardableResult
    func counters(
        _ what: String,
        when condition: @escaping @Sendable (Counters) -> Bool
    ) async throws -> Counters {
        try await Patience.wait(for: what, evidence: { evidence(clients[0]) }) {
            try await server.counters(when: condition)
        }
    }

    /// Waits until everything that was sent to the server before this call is dealt with.
    ///
    /// Connections are taken up in their order, so that one more is behind all that a dead daemon left.
    func settle() async throws {
        _ = try await Command.run("curl", ["-sS", "--noproxy", "*", "-o", "/dev/null", server.url(.metadata)])
        try await counters("the end of the connections") { $0.openConnections == 0 }
    }

    /// What a failing test needs to be understood: the ledger's end and the log's.
    func evidence(_ client: String = Self.client) -> String {
        let ledger = server.presentations(of: id(of: client)).suffix(10).map { presentation in
            let token = presentation.generation.map { "\(presentation.family ?? 0).\($0)" } ?? "?"
            return "request \(presentation.request): token \(token) \(presentation.judgement.rawValue)"
        }
        let log = room.log.split(separator: "\n").suffix(12).map(String.init)
        return "\(client) at \(policy.testDescription)\n" + (ledger + log).joined(separator: "\n")
    }
}

/// Runs `body` with a room and a server that is stopped afterwards.
func withRotation<Value: Sendable>(
    _ policy: ReplayPolicy,
    clients: [String] = [RotationRoom.client],
    scope: String = "",
    keys: String = "",
    daemon: String = "",
    _ body: (RotationRoom) async throws -> Value
) async throws -> Value {
    var configuration = Configuration()
    configuration.rotation = policy.rotation
    let server = try await MockAuthorizationServer.start(configuration)
    do {
        let rotation = try RotationRoom(
            server,
            policy,
            clients: clients,
            scope: scope,
            keys: keys,
            daemon: daemon
        )
        let value = try await body(rotation)
        await server.stop()
        return value
    } catch {
        await server.stop()
        throw error
    }
}
