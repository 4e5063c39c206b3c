internal import LinuxHost
internal import LocalAPI
internal import LocalServer
internal import OAuth2

/// Where every caller passes that wants something of a client: the policy decides, and the audit hears of it.
struct AccessGate: Sendable {
    let directory: ClientDirectory
    let trail: AuditTrail

    /// The client of this name, when the caller may use it; the token socket hears the same of one that is not there.
    ///
    /// A refusal is recorded here, an admission by who knows what came of it.
    func admit(
        _ caller: Caller,
        to name: String,
        for action: AuditSubject.Action
    ) throws(APIError) -> AdmittedCaller {
        let snapshot = directory.snapshot
        // Before the name is looked up, so that the time does not tell whether it exists.
        let unit = snapshot.needsUnit ? caller.decidingUnit : .unknown(.notLookedAt)
        /// - Parameter judged: how many rules were looked at; the rest up to the most that a client has are looked at
        ///   too, so that the time does not tell how many there are, or none.
        func refuse(_ verdict: AuditSubject.Verdict, judged: Int) {
            guard snapshot.longestPolicy.judgeAgain(caller.peer, unit: unit, after: judged) else { return }
            let key = AuditTrail.Repeat.refused(action, client: AuditSubject.kept(name: name), verdict, unit)
            guard !trail.countRepeat(key, by: caller) else { return }
            let unit = snapshot.needsUnit ? unit : trail.unit(of: caller)
            // Who puts a token in a name's place must not find it in the log. Made for both, as the time must tell nothing.
            let masked = TokenMask.applied(to: AuditSubject.kept(name: name))
            let client = verdict == .unknownClient ? masked : name
            let subject = AuditSubject(action, by: caller, unit: unit, client: client, verdict: verdict)
            trail.record(subject, caller: caller, repeating: key)
        }
        guard let client = snapshot.clients[name] else {
            refuse(.unknownClient, judged: 0)
            throw caller.role == .admin ? .unknownClient(name) : .accessDenied(name)
        }
        let policy = client.accessPolicy
        let decision = policy.decide(caller.peer, unit: unit)
        if case .denied(let denial) = decision {
            refuse(.denied(denial), judged: policy.ruleCount)
            throw .accessDenied(name)
        }
        return AdmittedCaller(
            caller: caller,
            client: client,
            decision: decision,
            policy: policy,
            unit: unit,
            isUnitKnown: snapshot.needsUnit,
            trail: trail
        )
    }
}

/// A caller that may use a client.
struct AdmittedCaller: Sendable {
    private(set) var caller: Caller
    let client: Client
    let decision: AccessDecision
    fileprivate let policy: AccessPolicy
    let unit: UnitFinding
    fileprivate let isUnitKnown: Bool
    fileprivate let trail: AuditTrail

    /// The same, to be recorded once the connection may be gone.
    func identified() -> AdmittedCaller {
        var admitted = self
        admitted.caller = caller.identified()
        return admitted
    }

    /// The unit it runs in, whether or not some rule looks at units.
    var recordedUnit: UnitFinding { isUnitKnown ? unit : trail.unit(of: caller) }

    /// Whether it may ask for `target` as well.
    func mayAsk(_ target: TokenTarget) -> Bool { policy.mayAsk(target, peer: caller.peer, unit: unit) }

    /// Counts that the token of `slot` was served once more as before; false when that is news, to be recorded.
    func countServed(_ served: ServedToken, from slot: TokenSlot) -> Bool {
        trail.countRepeat(key(of: served, slot), by: caller, at: served.at)
    }

    /// Records that a token for `target` was served from `slot`.
    func recordServed(_ served: ServedToken, from slot: TokenSlot) {
        record(.fetch, target: slot.id.target, outcome: "served", served.fingerprint, repeating: key(of: served, slot))
    }

    /// Records what came of it, or that `verdict` forbids what was asked.
    func record(
        _ action: AuditSubject.Action,
        _ verdict: AuditSubject.Verdict? = nil,
        target: TokenTarget? = nil,
        outcome: String? = nil,
        error: APIError? = nil,
        _ token: TokenFingerprint? = nil,
        repeating key: AuditTrail.Repeat? = nil
    ) {
        var subject = AuditSubject(
            action,
            by: caller,
            unit: recordedUnit,
            client: client.name.value,
            verdict: verdict ?? .allowed(decision)
        )
        if let target { subject.setTarget(target) }
        subject.outcome = outcome ?? error?.code.rawValue
        subject.trouble = error.flatMap { AuditSubject.Trouble($0) }
        subject.token = token
        trail.record(subject, caller: caller, repeating: key)
    }

    private func key(of served: ServedToken, _ slot: TokenSlot) -> AuditTrail.Repeat {
        .served(slot: ObjectIdentifier(slot), served.fingerprint, decision, unit)
    }
}
