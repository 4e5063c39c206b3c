import Synchronization

/// How the server behaves.
extension MockAuthorizationServer {
    /// Behaves so for the next `times` requests to `endpoint`, or until changed when `times` is nil.
    ///
    /// Behaviours for some times are used up in their order, those of one client before those of all; then the standing
    /// ones count, again that of the client first.
    package func setBehaviour(
        _ behaviour: Behaviour,
        for client: String? = nil,
        at endpoint: Endpoint = .token,
        times: Int? = nil
    ) {
        state.withLock { $0.script.set(behaviour, endpoint: endpoint, client: client, times: times) }
    }

    /// Forgets every behaviour.
    package func clearBehaviours() {
        state.withLock { $0.script = BehaviourScript() }
    }

    /// Lets the `count` oldest held requests go on, all when nil.
    package func release(_ count: Int? = nil) {
        for hold in state.withLock({ $0.takeHolds(count) }) { hold.release() }
    }

    /// The lifetime of the access tokens given from now on.
    package func setLifetime(_ lifetime: Duration) {
        state.withLock { $0.lifetime = lifetime }
    }

    /// What becomes of refresh tokens that are used from now on.
    package func setRotation(_ rotation: RotationPolicy) {
        state.withLock { $0.rotation = rotation }
    }

    /// Forgets behaviours, counters, requests seen and tokens, and releases what is held.
    package func reset() {
        release()
        state.withLock { state in
            state.script = BehaviourScript()
            state.log.clear()
            state.issuer = TokenIssuer()
            var counters = Counters()
            counters.openConnections = state.watch.counters.openConnections
            state.watch.counters = counters
        }
    }
}
