import NIOCore
import NIOSSL
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
    let paths: EndpointPaths
    let state: Mutex<ServerState>
    let signer = IDTokenSigner()
    private let tls: NIOSSLContext?
    private let listener = Mutex<Listener?>(nil)
    private let controlListener = Mutex<Listener?>(nil)

    /// Starts a server that listens when this returns.
    package static func start(_ configuration: Configuration = Configuration()) async throws -> MockAuthorizationServer
    {
        let tls = try configuration.tls?.context()
        let bound = try await Listener.bind(port: configuration.port, tls: tls)
        let control: Listener.Connections
        do {
            control = try await Listener.bind(port: configuration.controlPort, tls: nil)
        } catch {
            try? await bound.channel.close()
            throw error
        }
        let server = MockAuthorizationServer(
            configuration,
            tls: tls,
            port: bound.channel.localAddress?.port ?? 0,
            controlPort: control.channel.localAddress?.port ?? 0
        )
        server.serve(bound)
        let interface = ControlInterface(server: server)
        server.controlListener.withLock {
            $0 = Listener.start(control) { channel in
                await Connection(number: 0, channel: channel).serve { await interface.reply(to: $0) }
            }
        }
        return server
    }

    private init(_ configuration: Configuration, tls: NIOSSLContext?, port: Int, controlPort: Int) {
        self.configuration = configuration
        self.tls = tls
        self.port = port
        controlURL = "http://127.0.0.1:\(controlPort)/control"
        paths = EndpointPaths(
            origin: "\(tls == nil ? "http" : "https")://\(configuration.advertisedHost):\(port)",
            issuerPath: configuration.issuerPath
        )
        state = Mutex(
            ServerState(
                lifetime: configuration.lifetime,
                rotation: configuration.rotation,
                logins: configuration.logins
            )
        )
    }

    private func serve(_ bound: Listener.Connections) {
        listener.withLock {
            $0 = Listener.start(bound) { [self] channel in
                let number = state.withLock { state in
                    state.watch.counters.openConnections += 1
                    state.watch.counters.connections += 1
                    return state.nextConnection()
                }
                await Connection(number: number, channel: channel).serve { try await self.reply(to: $0) }
                state.withLock { $0.watch.counters.openConnections -= 1 }
            }
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
        await listener.withLock { listener in
            defer { listener = nil }
            return listener
        }?.close()
    }

    /// Listens again, on the same port.
    package func startListening() async throws {
        guard listener.withLock({ $0 == nil }) else { return }
        serve(try await Listener.bind(port: port, tls: tls))
    }

    /// After `stopListening`, takes connections on the same port as `manner` says, and serves none.
    package func startListening(_ manner: DeafListening) async throws {
        guard listener.withLock({ $0 == nil }) else { return }
        let deaf = try await Listener.bind(port: port, manner)
        listener.withLock { $0 = deaf }
    }

    // MARK: Where it is

    /// The issuer identifier.
    package var issuer: String { paths.issuer }

    /// The URL of the token endpoint.
    package var tokenEndpoint: String { paths.url(.token) }

    /// The URL of `endpoint`.
    package func url(_ endpoint: Endpoint) -> String { paths.url(endpoint) }
}
