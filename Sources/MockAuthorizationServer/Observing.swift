import Synchronization

/// What the server saw and gave.
extension MockAuthorizationServer {
    /// What was seen since the start or the last reset.
    package func counters() -> Counters { state.withLock { $0.watch.counters } }

    /// The counters as soon as `condition` holds for them; throws when the wait is cancelled or the server stopped.
    @discardableResult
    package func counters(when condition: @escaping @Sendable (Counters) -> Bool) async throws -> Counters {
        let (stream, continuation) = AsyncStream<Counters>.makeStream()
        state.withLock { $0.watch.watch(condition, continuation) }
        for await counters in stream { return counters }
        throw CancellationError()
    }

    /// The requests seen, the oldest first; nil for those to every endpoint. Of many thousands only the latest are kept.
    package func requests(to endpoint: Endpoint? = .token) -> [SeenRequest] {
        state.withLock { state in
            state.log.requests.filter { endpoint == nil || $0.endpoint == endpoint }
        }
    }

    /// The oldest token request that no call has returned yet; waits for one when there is none.
    ///
    /// Throws when the wait is cancelled or the server stopped.
    package func nextRequest() async throws -> SeenRequest {
        let (stream, continuation) = AsyncStream<SeenRequest>.makeStream()
        if let request = state.withLock({ $0.log.claim(continuation) }) { return request }
        for await request in stream { return request }
        throw CancellationError()
    }

    /// Token requests as they come from now on, until the server is stopped.
    package func requestsSeen() -> AsyncStream<SeenRequest> {
        let (stream, continuation) = AsyncStream<SeenRequest>.makeStream()
        let listener = state.withLock { $0.log.follow(continuation) }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.log.unfollow(listener) }
        }
        return stream
    }

    /// Every access token given, the oldest first.
    package func issuedTokens() -> [IssuedToken] { state.withLock { $0.issuer.issued } }

    /// Whether introspection would call this access token active.
    package func isActive(_ accessToken: String) -> Bool {
        let now = self.now()
        return state.withLock { $0.issuer.accessToken(accessToken) }?.isActive(at: now) ?? false
    }

    /// Every login on another device that was begun, the oldest first.
    package func deviceLogins() -> [DeviceLogin] { state.withLock { $0.devices.all } }

    /// Revokes an access token, or a refresh token with its family, as an administrator would.
    package func revoke(_ token: String) {
        state.withLock { $0.issuer.revoke(token) }
    }

    /// A first refresh token for `client`, as a login would bring.
    package func issueRefreshToken(client: String, scope: String = "") -> String {
        let now = self.now()
        return state.withLock {
            $0.issuer.startFamily(clientID: client, scope: scope.split(separator: " ").map(String.init), now: now)
        }
    }

    /// Every refresh token that `client` presented, in the order in which they were judged.
    package func presentations(of client: String) -> [RefreshPresentation] {
        state.withLock { state in state.issuer.refreshTokens.presentations.filter { $0.clientID == client } }
    }

    /// Every refresh token given to `client`, all when nil, the oldest first.
    package func refreshTokens(of client: String? = nil) -> [IssuedRefreshToken] {
        state.withLock { state in
            state.issuer.refreshTokens.issued.filter { client == nil || $0.clientID == client }
        }
    }

    /// What the ledger says about how `client` keeps its refresh tokens.
    package func rotationVerdict(of client: String) -> RotationVerdict {
        RotationVerdict(presentations: presentations(of: client), tokens: refreshTokens(of: client))
    }
}
