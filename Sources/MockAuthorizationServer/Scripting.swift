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

    /// What happens when a person is asked to log in from now on.
    package func setLogins(_ logins: LoginPolicy) {
        state.withLock { $0.logins = logins }
    }

    /// Decides about the login on another device that `userCode` names, the newest pending one when nil; false when
    /// there is none.
    @discardableResult
    package func decideDevice(_ verdict: DeviceVerdict, userCode: String? = nil) -> Bool {
        let now = self.now()
        return state.withLock { state in
            state.devices.decide(verdict, userCode: userCode, subject: state.logins.subject, now: now)
        }
    }

    /// Forgets behaviours, counters, requests seen and tokens, and releases what is held.
    package func reset() {
        release()
        state.withLock { state in
            state.script = BehaviourScript()
            state.log.clear()
            state.issuer = TokenIssuer(accessTokenLength: state.issuer.accessTokenLength)
            state.codes = AuthorizationCodes()
            state.devices = DeviceCodes()
            state.assertions = UsedAssertions()
            var counters = Counters()
            counters.openConnections = state.watch.counters.openConnections
            state.watch.counters = counters
        }
    }
}
