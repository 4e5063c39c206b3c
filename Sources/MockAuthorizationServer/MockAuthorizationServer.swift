import NIOCore
import Synchronization

/// A scriptable OAuth 2.0 authorization server on loopback, for tests, demonstrations and benchmarks.
///
/// It grants tokens as RFC 6749 says until it is told to behave otherwise, counts what it sees, and lets tests wait for
/// requests and hold them, so that no test sleeps.
package final class MockAuthorizationServer: Sendable {
    /// The port of the OAuth endpoints; it stays the same over `stopListening` and `startListening`.
    package let port: Int

    /// The root of the control interface, `http://127.0.0.1:PORT/control`.
    package let controlURL: String

    let configuration: Configuration
    let ownPaths: EndpointPaths
    let state: Mutex<ServerState>
    let signer = IDTokenSigner()
    private let tls: ServerTLS?
    private let mutualTLS: (port: Int, tls: ServerTLS)?
    private let listeners = Mutex<[Listener]>([])
    private let controlListener = Mutex<Listener?>(nil)

    /// Starts a server that listens when this returns.
    package static func start(_ configuration: Configuration = Configuration()) async throws -> MockAuthorizationServer
    {
        let asked = configuration.tls?.clientCertificates
        let hasSecond = configuration.mutualTLSPort != nil
        let tls = try configuration.tls.map { try ServerTLS($0, asking: hasSecond ? nil : asked) }
        let mutual = try configuration.tls.map { try ServerTLS($0, asking: asked ?? ClientCertificates()) }
        let bound = try await Listener.bind(port: configuration.port, tls: tls)
        var second: Listener.Connections?
        let control: Listener.Connections
        do {
            if let port = configuration.mutualTLSPort { second = try await Listener.bind(port: port, tls: mutual) }
            control = try await Listener.bind(port: configuration.controlPort, tls: nil)
        } catch {
            try? await bound.channel.close()
            try? await second?.channel.close()
            throw error
        }
        let mutualPort = second?.channel.localAddress?.port
        let server = MockAuthorizationServer(
            configuration,
            tls: tls,
            mutualTLS: mutualPort.flatMap { port in mutual.map { (port, $0) } },
            port: bound.channel.localAddress?.port ?? 0,
            controlPort: control.channel.localAddress?.port ?? 0
        )
        server.serve(bound, tls: tls)
        if let second { server.serve(second, tls: mutual) }
        let interface = ControlInterface(server: server)
        server.controlListener.withLock {
            $0 = Listener.start(control) { channel in
                await Connection(number: 0, channel: channel).serve { await interface.reply(to: $0) }
            }
        }
        return server
    }

    private init(
        _ configuration: Configuration,
        tls: ServerTLS?,
        mutualTLS: (port: Int, tls: ServerTLS)?,
        port: Int,
        controlPort: Int
    ) {
        self.configuration = configuration
        self.tls = tls
        self.mutualTLS = mutualTLS
        self.port = port
        controlURL = "http://127.0.0.1:\(controlPort)/control"
        ownPaths = EndpointPaths(
            origin: "\(tls == nil ? "http" : "https")://\(configuration.advertisedHost):\(port)",
            mutualTLSOrigin: mutualTLS.map { "https://\(configuration.advertisedHost):\($0.port)" },
            issuerPath: configuration.issuerPath
        )
        state = Mutex(
            ServerState(
                lifetime: configuration.lifetime,
                accessTokenLength: configuration.accessTokenLength,
                rotation: configuration.rotation,
                logins: configuration.logins
            )
        )
    }

    private func serve(_ bound: Listener.Connections, tls: ServerTLS?) {
        listeners.withLock {
            let listener = Listener.start(bound) { [self] channel in
                let number = state.withLock { state in
                    state.watch.counters.openConnections += 1
                    state.watch.counters.connections += 1
                    return state.nextConnection()
                }
                await Connection(number: number, clientCertificates: tls?.clientCertificates, channel: channel)
                    .serve { try await self.reply(to: $0) }
                state.withLock { $0.watch.counters.openConnections -= 1 }
            }
            $0.append(listener)
        }
    }

    /// Stops listening and ends every connection, held request and wait; the last call.
    package func stop() async {
        await stopListening()
        await controlListener.withLock { listener in
            defer { listener = nil }
            return listener
        }?.close()
        let (listeners, watchers) = state.withLock { ($0.log.takeListeners(), $0.watch.takeWatchers()) }
        for listener in listeners { listener.finish() }
        for watcher in watchers { watcher.finish() }
    }

    /// Ends every connection and refuses new ones until `startListening`: an outage.
    package func stopListening() async {
        let ended = listeners.withLock { listeners in
            defer { listeners = [] }
            return listeners
        }
        for listener in ended { await listener.close() }
    }

    /// Listens again, on the same ports.
    package func startListening() async throws {
        guard listeners.withLock({ $0.isEmpty }) else { return }
        serve(try await Listener.bind(port: port, tls: tls), tls: tls)
        if let mutualTLS {
            serve(try await Listener.bind(port: mutualTLS.port, tls: mutualTLS.tls), tls: mutualTLS.tls)
        }
    }

    /// After `stopListening`, takes connections on the same port as `manner` says, and serves none.
    package func startListening(_ manner: DeafListening) async throws {
        guard listeners.withLock({ $0.isEmpty }) else { return }
        let deaf = try await Listener.bind(port: port, manner)
        listeners.withLock { $0.append(deaf) }
    }

    // MARK: Where it is

    /// The issuer identifier.
    package var issuer: String { paths.issuer }

    /// The URL of the token endpoint.
    package var tokenEndpoint: String { paths.url(.token) }

    /// Where things are, as the provider has them whose manner this is.
    var paths: EndpointPaths { state.withLock { $0.laboratory }?.paths(ownPaths) ?? ownPaths }

    /// The wall clock, as far off as a fault says.
    func now() -> Duration {
        configuration.now() + (state.withLock { $0.laboratory?.fault?.clockOffset } ?? .zero)
    }

    /// The URL of `endpoint` for clients with a certificate; nil without a listener of their own.
    package func mutualTLSURL(_ endpoint: Endpoint) -> String? { paths.mutualTLSURL(endpoint) }

    /// The URL of `endpoint`.
    package func url(_ endpoint: Endpoint) -> String { paths.url(endpoint) }
}
