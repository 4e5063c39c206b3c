import MockAuthorizationServer
import NIOCore
import NIOPosix
import OAuth2
import Testing

@testable import TokenEndpoint

@Suite("Failures of the transport")
struct TransportFailureTests {
    private static func behaviour(_ change: (inout Behaviour) -> Void) -> Behaviour {
        var behaviour = Behaviour()
        change(&behaviour)
        return behaviour
    }

    @Test(
        "a fault after sending is named, and the request went out once",
        arguments: [
            (Behaviour.fault(.dropBeforeAnswer), TransportFailure.resetAfterSending, FailureClass.transient),
            (.fault(.dropMidAnswer), .resetAfterSending, .transient),
            (.fault(.reset), .resetAfterSending, .transient),
            (.fault(.notHTTP), .notHTTP, .endpointMisconfigured),
            (behaviour { $0.bodySize = 1 << 20 + 1 }, .responseTooLarge, .protocol),
            (
                behaviour {
                    $0.bodySize = 1 << 20 + 1
                    $0.fault = .unsized
                }, .responseTooLarge, .protocol
            ),
            (
                behaviour { $0.headers = ["X-Long": String(repeating: "x", count: 100_000)] }, .responseTooLarge,
                .protocol
            ),
        ]
    )
    func afterSending(behaviour: Behaviour, transport: TransportFailure, failureClass: FailureClass) async throws {
        try await withWire { wire, server in
            server.setBehaviour(behaviour)
            let failure = try #require(try await wire.failure(to: server.tokenEndpoint))
            #expect(failure.transport == transport, "\(failure.serverWords ?? "")")
            #expect(failure.failureClass == failureClass)
            #expect(failure.error == transport.rawValue)
            #expect(!"\(failure)".contains(Wire.secret))
            #expect(server.counters().tokenRequests == 1)
        }
    }

    @Test("an answer of exactly the limit is read")
    func largest() async throws {
        try await withWire { wire, server in
            var behaviour = Behaviour()
            behaviour.body = #"{"access_token": "a", "token_type": "Bearer"}"#
            behaviour.bodySize = AnswerCollector.maximumBody
            server.setBehaviour(behaviour)
            let response = try await wire.send(to: server.tokenEndpoint).get()
            #expect(response.accessToken == Secret("a"))
        }
    }

    @Test("the deadline holds for the whole exchange", arguments: [Behaviour.held, .fault(.trickle)])
    func deadline(behaviour: Behaviour) async throws {
        try await withWire { wire, server in
            server.setBehaviour(behaviour)
            let failure = try await wire.failure(to: server.tokenEndpoint, timeout: .seconds(10))
            #expect(failure?.transport == .responseTimeout)
            #expect(server.counters().tokenRequests == 1)
        }
    }

    @Test("nobody listens, and then again")
    func refused() async throws {
        try await withWire { wire, server in
            await server.stopListening()
            let failure = try #require(try await wire.failure(to: server.tokenEndpoint))
            #expect(failure.transport == .connectionRefused)
            #expect(failure.failureClass == .transient)
            #expect(failure.serverWords?.contains("127.0.0.1 port \(server.port)") == true)
            try await server.startListening()
            _ = try await wire.send(to: server.tokenEndpoint).get()
        }
    }

    @Test("a server that never answers the handshake is not connected in time")
    func silent() async throws {
        try await withWire { wire, _ in
            // It accepts in the kernel and never reads.
            let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.autoRead, value: false)
                .bind(host: "127.0.0.1", port: 0).get()
            let port = try #require(silent.localAddress?.port)
            let failure = try await wire.failure(to: "https://127.0.0.1:\(port)/token", timeout: .seconds(10))
            #expect(failure?.transport == .connectTimeout)
            try await silent.close()
        }
    }

    @Test("a name without an address is not found")
    func name() async throws {
        // Too long for the DNS, so that no resolver is asked.
        let name = String(repeating: "a", count: 64) + ".example"
        let error = await #expect(throws: NIOConnectionError.self) {
            _ = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: name, port: 443).get()
        }
        let endpoint = try EndpointURL("https://auth.example.com/token")
        let direct = TransportError(try #require(error), isSent: false, peer: Peer(endpoint, through: nil))
        #expect(direct.failure == .nameNotFound)
        #expect(direct.words == "auth.example.com port 443: the name has no address")
        let proxy = try ProxySetting("http://proxy:3128")
        let proxied = TransportError(try #require(error), isSent: false, peer: Peer(endpoint, through: proxy))
        #expect(proxied.failure == .proxyFailed)
        #expect(proxied.words == "the proxy proxy port 3128: the name has no address")
    }

    private struct Surprise: Error { let secret = Wire.secret }

    @Test("of an unknown error only the type is told", arguments: [true, false])
    func surprise(isSent: Bool) throws {
        let peer = Peer(try EndpointURL("https://auth.example.com/token"), through: nil)
        let error = TransportError(Surprise(), isSent: isSent, peer: peer)
        #expect(error.failure == (isSent ? .resetAfterSending : .resetBeforeSending))
        #expect(error.words == "Surprise")
    }
}
