import MockAuthorizationServer
import NIOCore
import NIOPosix
import OAuth2
import Synchronization
import TestNetwork
import Testing
import TokenEndpoint

@Suite("A fresh connection")
struct FreshConnectionTests {
    /// Counts how often a request was said to be sent.
    private final class Tally: Sendable {
        private let counted = Mutex(0)
        var count: Int { counted.withLock { $0 } }
        func add() { counted.withLock { $0 += 1 } }
    }

    /// Sends, and returns the failure with how often the request was said to be sent.
    private func refused(
        _ wire: Wire,
        at endpoint: String,
        trust: ServerTrust = ServerTrust(),
        timeout: Duration = Wire.patience
    ) async throws -> (TokenEndpointFailure, sent: Int) {
        let tally = Tally()
        let result = try await wire.refresh("rt-1", at: endpoint, trust: trust, timeout: timeout) { tally.add() }
        guard case .failure(let failure) = result else { throw Unexpected() }
        return (failure, tally.count)
    }

    private struct Unexpected: Error {}

    @Test("is one that no other request was on, before or after")
    func connections() async throws {
        try await withWire { wire, server in
            var token = server.issueRefreshToken(client: "billing")
            for isFresh in [false, true, true, false, true, false] {
                if isFresh {
                    token = try await wire.refresh(token, at: server.tokenEndpoint).get().refreshToken?.exposed() ?? ""
                } else {
                    _ = try await wire.send(to: server.tokenEndpoint).get()
                }
            }
            let connections = server.requests().map(\.connection)
            for place in [1, 2, 4] { #expect(connections.count { $0 == connections[place] } == 1, "\(connections)") }
            #expect(server.requests().map { $0.header("Connection") } == [nil, "close", "close", nil, "close", nil])
            // None of them is left, though the pooled one may be.
            try await server.counters { $0.openConnections <= 1 }
        }
    }

    @Test("is also what an assertion goes on, which a server takes once")
    func assertions() async throws {
        try await withWire { wire, server in
            let endpoint = try EndpointURL(server.tokenEndpoint)
            for grant in [AuthorizationGrant.clientCredentials, .jwtBearer(assertion: Secret("a.b.c"))] {
                let isProof = grant == .clientCredentials
                let request = TokenRequest(
                    grant: grant,
                    clientID: "billing",
                    authentication: isProof ? .assertion(Secret("d.e.f")) : .none
                )
                _ = try await wire.send(to: server.tokenEndpoint).get()
                // Refused or not.
                _ = await wire.client.send(
                    request.encoded(),
                    to: endpoint,
                    grant: grant.kind,
                    provider: .generic,
                    trust: ServerTrust(),
                    timeout: Wire.patience
                )
            }
            #expect(server.requests().map { $0.header("Connection") } == [nil, "close", nil, "close"])
        }
    }

    @Test("is each request's own, however many go at a time")
    func concurrency() async throws {
        try await withWire { wire, server in
            let endpoint = server.tokenEndpoint
            server.setBehaviour(.held)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...20 {
                    let token = server.issueRefreshToken(client: "billing")
                    group.addTask { _ = try await wire.refresh(token, at: endpoint).get() }
                }
                try await server.counters { $0.held == 20 }
                server.release()
                try await group.waitForAll()
            }
            #expect(Set(server.requests().map(\.connection)).count == 20)
        }
    }

    @Test("what could not be sent was not, and may be asked for again at no cost")
    func unsent() async throws {
        try await withAuthority { authority in
            let files = try await authority.files(for: "IP:127.0.0.1")
            try await withWire(
                { $0.tls = files },
                { wire, server in
                    let (untrusted, sent) = try await refused(wire, at: server.tokenEndpoint)
                    #expect(untrusted.transport == .certificateRefused)
                    #expect(untrusted.failureClass == .configuration)
                    #expect(sent == 0)

                    let proxy = try await TestProxy.start(target: nil)
                    let setting = try ProxySetting("http://127.0.0.1:\(proxy.port)")
                    let (proxied, none) = try await refused(
                        wire,
                        at: "https://auth.example.test/oauth2/token",
                        trust: ServerTrust(proxy: setting)
                    )
                    #expect(proxied.transport == .proxyFailed)
                    #expect(proxied.failureClass == .transient)
                    #expect(none == 0)
                    await proxy.stop()

                    await server.stopListening()
                    let (unreachable, nothing) = try await refused(wire, at: server.tokenEndpoint)
                    #expect(unreachable.transport == .connectionRefused)
                    #expect(unreachable.failureClass == .transient)
                    #expect(nothing == 0)
                    #expect(server.counters().tokenRequests == 0)
                }
            )
        }
    }

    @Test(
        "what was sent is never sent again, and what became of it is unknown",
        arguments: [
            (Behaviour.fault(.dropBeforeAnswer), TransportFailure.resetAfterSending),
            (.fault(.reset), .resetAfterSending),
            (.fault(.dropMidAnswer), .resetAfterSending), (.fault(.resetMidAnswer), .resetAfterSending),
            (.fault(.notHTTP), .notHTTP),
        ]
    )
    func sent(behaviour: Behaviour, transport: TransportFailure) async throws {
        try await withWire { wire, server in
            server.setBehaviour(behaviour)
            let (failure, sent) = try await refused(wire, at: server.tokenEndpoint)
            #expect(failure.transport == transport, "\(failure.serverWords ?? "")")
            #expect(failure.failureClass == .unknown)
            #expect(sent == 1)
            #expect(server.counters().tokenRequests == 1)
        }
    }

    @Test("a server that resets every connection is asked once for each time that nothing of the body left")
    func resetting() async throws {
        try await withWire { wire, server in
            await server.stopListening()
            try await server.startListening(.resetting)
            for _ in 1...50 {
                let (failure, sent) = try await refused(wire, at: server.tokenEndpoint)
                #expect(sent <= 1)
                if sent == 1 { #expect(failure.transport == .resetAfterSending) }
                #expect([.resetAfterSending, .resetBeforeSending].contains(failure.transport))
            }
        }
    }

    @Test(
        "a body that the kernel took only in part counts as sent, on a pooled connection not",
        arguments: ConnectionUse.allCases
    )
    func partlyWritten(connection: ConnectionUse) async throws {
        try await withWire { wire, server in
            await server.stopListening()
            try await server.startListening(.ignoring)
            let tally = Tally()
            let exchange = await wire.client.send(
                // Beyond what the kernel keeps for both ends.
                EncodedTokenRequest(headers: [], body: Secret(bytes: [UInt8](repeating: 0x61, count: 32 << 20))),
                to: try EndpointURL(server.tokenEndpoint),
                grant: .refreshToken,
                provider: .generic,
                trust: ServerTrust(),
                timeout: .seconds(10),
                connection: connection
            ) { tally.add() }
            guard case .failure(let failure) = exchange.result else { throw Unexpected() }
            #expect(failure.transport == (connection == .fresh ? .responseTimeout : .connectTimeout))
            #expect(tally.count == 0)
        }
    }

    @Test("is not given up with the task that waits for it")
    func cancellation() async throws {
        try await withWire { wire, server in
            server.setBehaviour(.held)
            let (endpoint, token) = (server.tokenEndpoint, server.issueRefreshToken(client: "billing"))
            let sending = Task { try await wire.refresh(token, at: endpoint) }
            _ = try await server.nextRequest()
            sending.cancel()
            server.release()
            let response = try await sending.value.get()
            #expect(server.isActive(response.accessToken.exposed()))
            #expect(server.counters().tokenRequests == 1)
        }
    }

    @Test("is used by a task that was cancelled before")
    func cancelledBefore() async throws {
        try await withWire { wire, server in
            let (endpoint, token) = (server.tokenEndpoint, server.issueRefreshToken(client: "billing"))
            let sending = Task {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return try await wire.refresh(token, at: endpoint)
            }
            _ = try await sending.value.get()
            #expect(server.counters().tokenRequests == 1)
        }
    }

    @Test("tells once that the request is on its way, before the answer")
    func sending() async throws {
        try await withWire { wire, server in
            server.setBehaviour(.held)
            let (stream, continuation) = AsyncStream<Void>.makeStream()
            let (endpoint, token) = (server.tokenEndpoint, server.issueRefreshToken(client: "billing"))
            async let result = wire.refresh(token, at: endpoint) { continuation.yield() }
            var told = stream.makeAsyncIterator()
            #expect(await told.next() != nil)
            _ = try await server.nextRequest()
            server.release()
            _ = try await result.get()
            continuation.finish()
            #expect(await told.next() == nil)
        }
    }
}
