internal import LinuxHost
internal import LocalAPI
internal import LocalServer
internal import OAuth2

/// Where every caller passes that wants something of a client: the policy decides, and the audit hears of it.
struct AccessGate: Sendable {
    let directory: ClientDirectory
    let epoch: AccessEpoch
    let trail: AuditTrail

    /// The client of this name, when the caller may use it; the token socket hears the same of one that is not there.
    ///
    /// A refusal is recorded here, an admission by who knows what came of it.
    func admit(
        _ caller: Caller,
        to name: String,
        for action: AuditSubject.Action
    ) throws(APIError) -> AdmittedCaller {
        // Before what it is decided by is read, so that no change in between goes unnoticed.
        let epoch = self.epoch.number
        let snapshot = directory.snapshot
        // Before the name is looked up, so that the time does not tell whether it exists.
        let unit = snapshot.needsUnit ? caller.decidingUnit : .unknown(.notLookedAt)
        /// - Parameter judged: how many rules were looked at; the rest up to the most that a client has are looked at
        ///   too, so that the time does not tell how many there are, or none.
        func refuse(_ verdict: AuditSubject.Verdict, judged: Int) {
            guard snapshot.longestPolicy.judgeAgain(caller.peer, unit: unit, after: judged) else { return }
            let key = AuditTrail.Repeat.refused(action, client: AuditSubject.kept(name: name), verdict, unit)
            guard trail.countRepeat(key, by: caller) == nil else { return }
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
            epoch: epoch,
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

    /// Whether `unit` was looked at, since some rule does.
    let isUnitKnown: Bool

    /// What the decision is to be known to stand by.
    let epoch: UInt64
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

    /// Records that the token of `slot` was served, or counts it where that was the latest on the connection; returns the
    /// event that it is counted in.
    @discardableResult
    func recordServed(_ served: ServedToken, from slot: TokenSlot) -> RecordedEvent {
        let key = AuditTrail.Repeat.served(slot: ObjectIdentifier(slot), served.fingerprint, decision, unit)
        return trail.countRepeat(key, by: caller, at: served.at)
            ?? record(.fetch, target: slot.id.target, outcome: "served", served.fingerprint, repeating: key)
    }

    /// Records what came of it, or that `verdict` forbids what was asked.
    @discardableResult
    func record(
        _ action: AuditSubject.Action,
        _ verdict: AuditSubject.Verdict? = nil,
        target: TokenTarget? = nil,
        outcome: String? = nil,
        error: APIError? = nil,
        _ token: TokenFingerprint? = nil,
        repeating key: AuditTrail.Repeat? = nil
    ) -> RecordedEvent {
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
        return trail.record(subject, caller: caller, repeating: key)
    }
}
