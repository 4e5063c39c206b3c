import LinuxHost
import LocalAPI
import LocalServer
import MockAuthorizationServer
import OAuth2
import Synchronization
import TokenEndpoint
import TokenLifecycle
import TokenStore

@testable import Broker

/// A whole broker with a manual clock, against a real store and a real server, without sockets.
final class BrokerRig {
    static let ann: UInt32 = 1001
    static let bob: UInt32 = 1002
    static let operators: UInt32 = 2000
    static let daemonUID: UInt32 = 900
    static let writePatience: Duration = .seconds(30)

    let clock: ManualClock
    let server: MockAuthorizationServer
    let files: ConfigurationFiles
    let store: TokenStore
    let broker: Broker
    let lifeboat: GrantLifeboat
    let log = LogCapture()
    let deadlines = Deadlines()
    let users = Users()
    let host = Host()
    private let endpoint: TokenEndpointClient
    private let handler: RequestHandler

    /// What was asked last on a connection that a test named.
    private var repetitions: [Int32: (request: HTTPRequest, again: RepeatedAnswer)] = [:]

    /// How many requests were answered as repetitions.
    private(set) var repeated = 0
    private let events: AsyncStream<Void>
    let event: AsyncStream<Void>.Continuation
    private var running: Task<Void, Never>?
    private var connections: Int32 = 0

    /// Names that the test may add to.
    final class Users: Sendable {
        private let uids = Mutex<[String: UInt32]>(["ann": ann, "bob": bob])

        func set(_ name: String, _ uid: UInt32?) { uids.withLock { $0[name] = uid } }

        var lookup: PrincipalLookup {
            PrincipalLookup(
                uid: { name in self.uids.withLock { $0[name] } },
                gid: { $0 == "tokenbroker" ? operators : nil }
            )
        }
    }

    /// What the broker's process can tell of its callers, for the test to change.
    final class Host: Sendable {
        private let current = Mutex(HostView())

        var view: HostView { current.withLock { $0 } }

        func set(_ view: HostView) { current.withLock { $0 = view } }
    }

    /// - Parameters:
    ///   - descriptor: What the service manager kept of the broker before.
    ///   - writePatience: Real time, and so one that a busy machine's disk does not use up, unless that is the test.
    init(
        _ server: MockAuthorizationServer,
        _ clock: ManualClock,
        files: ConfigurationFiles,
        boot: String = "1",
        adopting descriptor: Int32? = nil,
        writePatience: Duration = BrokerRig.writePatience
    ) throws {
        self.server = server
        self.clock = clock
        self.files = files
        store = try TokenStore.open(
            path: "\(files.directory)/state.sqlite",
            keys: StateKeys(sealing: Secret(bytes: [UInt8](repeating: 7, count: 32)))
        )
        lifeboat = GrantLifeboat(
            reservePath: "\(files.directory)/reserve",
            adopting: descriptor,
            logger: log.logger
        )
        endpoint = TokenEndpointClient(version: "test", clock: { clock.now() })
        broker = Broker(
            Broker.Parts(
                version: "1.2.3",
                store: store,
                endpoint: endpoint,
                lifeboat: lifeboat,
                time: TimeSource(boot: BootID(boot), now: { clock.now() }),
                deadlines: deadlines,
                lookup: users.lookup,
                daemonUID: Self.daemonUID,
                environment: [:],
                logger: log.logger,
                hostView: { [host] in host.view },
                jitter: { 0 },
                writePatience: writePatience
            )
        )
        handler = broker.handler
        let (events, event) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        (self.events, self.event) = (events, event)
        broker.onChange { event.yield() }
        log.onLine { event.yield() }
        deadlines.onEarlierDeadline { event.yield() }
    }

    // MARK: Configuration

    /// A client's table that asks the mock server, with a secret in `NAME.secret`.
    func client(_ name: String = "billing", _ lines: String = "") -> String {
        """
        [clients.\(name)]
        client_id = "\(name)-id"
        client_secret = { file = "\(name).secret" }
        token_endpoint = "\(server.tokenEndpoint)"
        \(lines)

        """
    }

    /// A client's table that presents a refresh token, with a first one in `NAME.first`.
    func loggedIn(_ name: String = "billing", scope: String = "", _ lines: String = "") throws -> String {
        try logIn(name, scope: scope)
        return client(name, "grant = \"refresh_token\"\nrefresh_token = { file = \"\(name).first\" }\n\(lines)")
    }

    /// Puts a new first refresh token, as a login brings, into the client's file.
    @discardableResult
    func logIn(_ name: String = "billing", scope: String = "") throws -> String {
        let token = server.issueRefreshToken(client: "\(name)-id", scope: scope)
        try files.write(token, to: "\(name).first")
        return token
    }

    /// Takes `text` for the configuration, with the secrets it names, and starts.
    ///
    /// - Parameter waking: Whether stored tokens are opened that nobody asked for, as they are once a daemon is ready.
    func start(
        _ text: String,
        waking: Bool = true,
        changing change: (inout ClientConfiguration) -> Void = { _ in }
    ) throws {
        for name in ["billing", "sales", "other"] where !FileSystem.exists("\(files.directory)/\(name).secret") {
            try files.write(Self.secret(of: name), to: "\(name).secret")
        }
        try files.write(text)
        var configuration = try files.load()
        configuration.clients = configuration.clients.mapValues { client in
            var client = client
            change(&client)
            return client
        }
        broker.start(configuration, stored: try store.sealedTokens(), grants: try store.grants().grants)
        if waking { broker.wakeSlots() }
        let reloader = Reloader(
            file: files.main,
            context: .service,
            inForce: configuration,
            broker: broker,
            logger: log.logger,
            applied: {}
        )
        broker.onReload { await reloader.reload() }
        running = Task { [broker] in await broker.run() }
    }

    /// Writes `text` and lets an operator reload.
    func reload(_ text: String) async throws -> Answer {
        try files.write(text)
        return try await begin("/v1/reload", method: .post, on: .admin).answer()
    }

    static func secret(of name: String) -> String { "hunter2-of-\(name)" }

    // MARK: Requests

    func begin(
        _ target: String,
        method: HTTPMethod = .get,
        uid: UInt32 = 0,
        groups: [UInt32] = [],
        on role: SocketRole = .token,
        accept: String? = nil,
        form: String? = nil,
        json: String? = nil,
        connection: Int32? = nil
    ) -> PendingAnswer {
        connections += 1
        let pending = PendingAnswer(connection: connection ?? connections)
        var request = HTTPRequest(method: method, target: target, keepsAlive: true)
        request.accept = accept
        if let form {
            request.contentType = "application/x-www-form-urlencoded"
            request.body = Array(form.utf8)
        }
        if let json {
            request.contentType = "application/json"
            request.body = Array(json.utf8)
        }
        let peer = PeerIdentity(pid: 42, uid: uid, gid: uid, groups: groups)
        let caller = Caller(peer: peer, role: role, connection: pending.connection)
        var answer = AnswerBuffer()
        // As the server does it: what a connection repeats is asked anew only when it must be.
        let before = connection.flatMap { repetitions[$0] }
        if let before, before.request == request, before.again(caller, clock.now().sinceBoot, &answer) {
            repeated += 1
            pending.responder.sendPrerendered(Array(answer))
            return pending
        }
        answer.wipe()
        if case .written(let again) = handler.handle(request, caller, pending.responder, &answer) {
            pending.responder.sendPrerendered(Array(answer))
            if let connection { repetitions[connection] = (request, again) }
        }
        return pending
    }

    func ask(_ target: String, uid: UInt32 = 0, on role: SocketRole = .token) async throws -> Answer {
        try await begin(target, uid: uid, on: role).answer()
    }

    func hangUp(_ pending: PendingAnswer) { handler.connectionClosed(pending.connection) }

    /// The answer to what is answered at once.
    func answer(
        _ target: String,
        uid: UInt32 = 0,
        on role: SocketRole = .token,
        connection: Int32? = nil
    ) throws -> Answer {
        guard let answer = try begin(target, uid: uid, on: role, connection: connection).now else {
            throw RigError.noAnswer(target)
        }
        return answer
    }

    var status: StatusDocument {
        get throws { try answer("/v1/status", on: .admin).document(StatusDocument.self) }
    }

    func report(_ name: String = "billing") throws -> ClientStatus {
        try answer("/v1/clients/\(name)", on: .admin).document(ClientDocument.self).client
    }

    // MARK: Time

    /// Moves the clock, stopping at each deadline on the way.
    func advance(by duration: Duration) {
        let end = clock.now().sinceBoot + duration
        while let next = deadlines.next, next <= end {
            clock.setSinceBoot(max(next, clock.now().sinceBoot))
            deadlines.fire(now: clock.now().sinceBoot)
        }
        clock.setSinceBoot(end)
    }

    /// Returns when `condition` holds; meanwhile the requests that wait for their turn at the server get it.
    func takingTurns(until condition: () throws -> Bool) async throws {
        try await until {
            if broker.budgets.reports().contains(where: { $0.waiting > 0 }) { advance(by: .seconds(1)) }
            return try condition()
        }
    }

    /// Moves the clock to the client's next attempt.
    func advanceToNextAttempt(_ name: String = "billing") throws {
        guard let next = try report(name).nextAttemptAt else { throw RigError.ended }
        // Reports are in whole seconds, rounded down.
        advance(by: .seconds(next + 1) - clock.now().sinceEpoch)
    }

    /// Whether a next attempt has its time, and none is under way.
    func isAttemptPlanned(_ name: String = "billing") throws -> Bool {
        try report(name).nextAttemptAt.map { .seconds($0) > clock.now().sinceEpoch } ?? false
    }

    /// Whether a token request is under way, or waits for its turn.
    var isAskingServer: Bool {
        broker.directory.snapshot.inOrder.contains { $0.slots.contains { $0.report().isAttemptUnderWay } }
    }

    /// Returns when `condition` holds, looked at whenever a slot changes, something is logged or a deadline
    /// comes nearer.
    func until(_ condition: () throws -> Bool) async throws {
        if try condition() { return }
        for await _ in events where try condition() { return }
        throw RigError.ended
    }

    /// What the store holds.
    var stored: [StoredToken] { get throws { try store.tokens().tokens } }

    /// Begins to end the token requests, as the process does when it stops.
    func beginStopping() -> Task<Void, Never>? {
        running?.cancel()
        return running
    }

    func stop() async {
        await beginStopping()?.value
        await endpoint.shutdown()
        try? store.close()
    }
}

/// Runs `body` with a broker and a server that are stopped afterwards; the broker is started by the body.
func withBroker(
    registered clients: [String: String]? = nil,
    writePatience: Duration = BrokerRig.writePatience,
    _ body: (BrokerRig) async throws -> Void
) async throws {
    let clock = ManualClock()
    let server = try await startServer(clock, clients: clients)
    let rig = try BrokerRig(server, clock, files: try ConfigurationFiles(), writePatience: writePatience)
    do {
        try await body(rig)
    } catch {
        await rig.stop()
        await server.stop()
        throw error
    }
    await rig.stop()
    await server.stop()
}
