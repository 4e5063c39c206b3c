/// A scriptable OAuth 2.0 authorization server on loopback, for tests, demonstrations and benchmarks.
///
/// It grants tokens as RFC 6749 says until it is told to behave otherwise, counts what it sees, and lets tests wait for
/// requests and hold them, so that no test sleeps.
package final class MockAuthorizationServer: Sendable {
    /// Starts a server that listens when this returns.
    package static func start(_ configuration: Configuration = Configuration()) async throws -> MockAuthorizationServer {
        MockAuthorizationServer()
    }

    private init() {}

    /// Stops listening and ends every connection and held request; the last call.
    package func stop() async {}

    // MARK: Where it is

    package var issuer: String { "" }
    package var tokenEndpoint: String { "" }
    package var introspectionEndpoint: String { "" }
    package var revocationEndpoint: String { "" }
    /// The root of the control interface, `http://127.0.0.1:PORT/control`.
    package var controlURL: String { "" }
    package var port: Int { 0 }

    // MARK: How it behaves

    /// Behaves so for the next `times` requests to `endpoint`, or until changed when `times` is nil.
    ///
    /// Behaviours for some times are used up in their order, those of one client before those of all; then the standing
    /// ones count, again that of the client first.
    package func setBehaviour(
        _ behaviour: Behaviour, for client: String? = nil, at endpoint: Endpoint = .token, times: Int? = nil
    ) {}

    /// Forgets every behaviour.
    package func clearBehaviours() {}

    /// Lets the `count` oldest held requests go on, all when nil.
    package func release(_ count: Int? = nil) {}

    /// How many requests are held.
    package var heldCount: Int { 0 }

    package func setLifetime(_ lifetime: Duration) {}
    package func setRotation(_ rotation: RotationPolicy) {}

    /// Forgets behaviours, counters, requests seen and tokens, and releases what is held.
    package func reset() {}

    /// Ends every connection and refuses new ones until `startListening`: an outage.
    package func stopListening() async {}

    /// Listens again, on the same port.
    package func startListening() async throws {}

    // MARK: What it saw

    package func counters() -> Counters { Counters() }

    /// The requests seen, the oldest first, at most the latest `RequestLog.capacity`.
    package func requests(to endpoint: Endpoint? = .token) -> [SeenRequest] { [] }

    /// The oldest token request that no call has returned yet; waits for one when there is none.
    package func nextRequest() async throws -> SeenRequest { throw CancellationError() }

    /// Token requests as they come from now on.
    package func requestsSeen() -> AsyncStream<SeenRequest> { AsyncStream { $0.finish() } }

    // MARK: What it gave

    /// Every access token given, the oldest first.
    package func issuedTokens() -> [IssuedToken] { [] }

    /// Whether introspection would call this access token active.
    package func isActive(_ accessToken: String) -> Bool { false }

    /// Revokes an access token, or a refresh token with its family, as an administrator would.
    package func revoke(_ token: String) {}

    /// A first refresh token for `client`, as a login would bring.
    package func issueRefreshToken(client: String, scope: String = "") -> String { "" }
}
