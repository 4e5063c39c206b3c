package import OAuth2
internal import Synchronization
internal import TokenLifecycle
internal import TokenStore

/// A client's grant at work: its machine, and the turns of all who present, replace, revoke or forget it.
///
/// It outlives reloads for as long as client_id and token endpoint stay, so that a request in flight and the requests
/// of a changed client never present one refresh token side by side.
package final class ClientGrant: Sendable {
    /// Whose grant it can be.
    package struct Key: Sendable, Hashable {
        package let client: ClientName
        package let clientID: String
        package let tokenEndpoint: String
    }

    /// What happens when a turn comes, or is not to come.
    private struct Turn {
        let begin: @Sendable (TurnID) -> Void
        let refuse: @Sendable (TokenEndpointFailure) -> Void
    }

    /// One slot's request; a slot that took another's place counts its generations anew.
    private struct Request: Hashable {
        let slot: ObjectIdentifier
        let generation: Generation

        init(_ slot: TokenSlot, _ generation: Generation) {
            self.slot = ObjectIdentifier(slot)
            self.generation = generation
        }
    }

    private struct State {
        var machine: GrantMachine
        var turns: [TurnID: Turn] = [:]
        var requests: [Request: TurnID] = [:]

        /// What the turn that is under way presented, until its outcome is clear.
        var presented: Presentation?

        /// What was held before, until a grant that replaced it has worked.
        var replaced: [GrantID: RefreshGrant] = [:]
        var lastTurn: UInt64 = 0
        weak var client: Client?
        var use: DeadlineTimer?
        var hasWarned = false
    }

    let key: Key
    private let time: TimeSource
    private let state: Mutex<State>

    /// The grant of a client that has none yet, for want of `absence`.
    init(key: Key, policy: GrantPolicy, absence: TokenEndpointFailure, time: TimeSource) {
        self.key = key
        self.time = time
        state = Mutex(State(machine: GrantMachine(policy: policy, absence: absence)))
    }

    // MARK: Turns

    /// Lets `begin` work with the grant when nobody else does, until `endTurn`; `refuse` is called in its place when the
    /// refresh token is not to be presented.
    @discardableResult
    func wantTurn(
        for purpose: TurnPurpose,
        begin: @escaping @Sendable (TurnID) -> Void,
        refuse: @escaping @Sendable (TokenEndpointFailure) -> Void = { _ in }
    ) -> TurnID {
        let now = time.now()
        let (turn, due) = state.withLock { state -> (TurnID, [@Sendable () -> Void]) in
            state.lastTurn += 1
            let turn = TurnID(state.lastTurn)
            state.turns[turn] = Turn(begin: begin, refuse: refuse)
            return (turn, Self.apply(state.machine.turnWanted(turn, for: purpose, now: now), to: &state))
        }
        for work in due { work() }
        return turn
    }

    /// Lets the next go on.
    func endTurn(_ turn: TurnID) {
        let now = time.now()
        let due = state.withLock { state -> [@Sendable () -> Void] in
            state.turns[turn] = nil
            state.requests = state.requests.filter { $0.value != turn }
            return Self.apply(state.machine.turnEnded(turn, now: now), to: &state)
        }
        for work in due { work() }
        lookAtUse()
    }

    /// Runs `work` when nobody else works with the grant.
    func withTurn<Value: Sendable>(_ work: @Sendable () async -> Value) async -> Value {
        let turn = await withCheckedContinuation { continuation in
            wantTurn(for: .change, begin: { continuation.resume(returning: $0) })
        }
        defer { endTurn(turn) }
        return await work()
    }

    private static func apply(_ actions: [GrantAction], to state: inout State) -> [@Sendable () -> Void] {
        actions.compactMap { action in
            switch action {
            case .begin(let id):
                state.presented = nil
                guard let turn = state.turns[id] else { return nil }
                return { turn.begin(id) }
            case .refuse(let id, let failure):
                guard let turn = state.turns.removeValue(forKey: id) else { return nil }
                state.requests = state.requests.filter { $0.value != id }
                return { turn.refuse(failure) }
            }
        }
    }

    // MARK: The turns of slots

    /// Lets `begin` send the request of `generation` when nobody else works with the grant.
    func wantTurn(
        of slot: TokenSlot,
        _ generation: Generation,
        begin: @escaping @Sendable () -> Void
    ) {
        let request = Request(slot, generation)
        wantTurn(
            for: .tokenRequest,
            begin: { [weak self] turn in
                guard let self else { return }
                self.state.withLock { $0.requests[request] = turn }
                // A reload may have taken the slot away while it waited.
                if slot.isCurrent(generation) { begin() } else { self.endTurn(turn) }
            },
            refuse: { slot.requestFailed($0, generation: generation) }
        )
    }

    /// The request of `generation` is over, or nobody wants it any more.
    func endTurn(of slot: TokenSlot, _ generation: Generation) {
        let request = Request(slot, generation)
        if let turn = state.withLock({ $0.requests[request] }) { endTurn(turn) }
    }

    /// Whether it is this request's turn.
    func isTurn(of slot: TokenSlot, _ generation: Generation) -> Bool {
        state.withLock { $0.requests[Request(slot, generation)] != nil }
    }

    /// What the turn of this request may present, or why nothing; presented again in the same turn, with the same intent.
    func presentation(of slot: TokenSlot, _ generation: Generation) -> Result<Presentation, TokenEndpointFailure> {
        let request = Request(slot, generation)
        let now = time.now()
        return state.withLock { state in
            // A turn that was given up: nothing may be presented any more.
            guard let turn = state.requests[request] else {
                return .failure(TokenEndpointFailure(.transient, .serverPaused))
            }
            let before = state.presented
            var presentation = state.machine.presentation(turn, now: now)
            if let before, (try? presentation.get())?.grant == before.grant { presentation = .success(before) }
            state.presented = try? presentation.get()
            return presentation
        }
    }

    /// What the turn under way presented.
    var presented: Presentation? { state.withLock { $0.presented } }

    // MARK: Outcomes

    /// The server gave the next refresh token, or nil for the same; gives back what is to be stored.
    func granted(
        _ refreshToken: Secret?,
        expiringIn lifetime: Duration?,
        for presentation: Presentation,
        sent: Moment
    ) -> GrantVerdict {
        state.withLock { state in
            state.replaced = [:]
            // Spent, it is not kept.
            state.presented = nil
            return state.machine.granted(refreshToken, expiringIn: lifetime, for: presentation, sent: sent)
        }
    }

    /// The server, or the way to it, granted nothing; gives back what that means, and what is to be heard of it.
    func failed(
        _ failure: TokenEndpointFailure,
        of presentation: Presentation,
        spread: Double
    ) -> (verdict: GrantVerdict, failure: TokenEndpointFailure) {
        let now = time.now()
        return state.withLock { $0.machine.failed(failure, of: presentation, spread: spread, now: now) }
    }

    /// The latest refresh token is in memory alone.
    func saveFailed(_ grant: RefreshGrant) { state.withLock { $0.machine.saveFailed(grant) } }

    /// The latest refresh token is on the disk.
    func saved(_ grant: RefreshGrant) { state.withLock { $0.machine.saved(grant) } }

    // MARK: What is held

    /// The store had this at the start.
    func restored(_ grant: RefreshGrant, standing: GrantStanding, intent: RefreshIntent?) {
        state.withLock { state in
            if standing == .replaced {
                state.replaced[grant.id] = grant
            } else {
                state.machine.restored(grant, standing: standing, intent: intent)
            }
        }
    }

    /// The grant before is held again, since the server refuses the one that replaced it.
    func reinstated(_ id: GrantID, after refused: GrantID) {
        let now = time.now()
        let before = state.withLock { state -> RefreshGrant? in
            // A login that came since is not undone.
            guard state.machine.report(now: now).grant?.id == refused else { return nil }
            return state.replaced.removeValue(forKey: id)
        }
        if let before { replaced(by: before) }
    }

    /// What was held before, and is kept until a grant that replaced it has worked.
    var replacedGrants: [RefreshGrant] { state.withLock { Array($0.replaced.values) } }

    /// Another grant is held from now on; every slot finds out what it is good for.
    func replaced(by grant: RefreshGrant) {
        let client = state.withLock { state in
            let report = state.machine.report(now: time.now())
            if report.standing == .held, let held = report.grant { state.replaced[held.id] = held }
            state.machine.replaced(by: grant)
            state.hasWarned = false
            return state.client
        }
        client?.grantChanged()
        lookAtUse()
    }

    /// A login's grant is held from now on, and what it brought is served: `kept` by the slot of the client's own target.
    ///
    /// Gives back what of `another` account was held, which is to be revoked.
    func loggedIn(
        _ grant: RefreshGrant,
        _ kept: KeptToken,
        for target: TokenTarget,
        replacing account: AccountReplacement
    ) -> [RefreshGrant] {
        let now = time.now()
        let (client, before) = state.withLock { state -> (Client?, [RefreshGrant]) in
            let report = state.machine.report(now: now)
            var before = Array(state.replaced.values)
            if let held = report.grant, report.standing == .held { before.append(held) }
            if account == .same {
                if let held = report.grant, report.standing == .held { state.replaced[held.id] = held }
            } else {
                state.replaced = [:]
            }
            state.machine.replaced(by: grant)
            state.hasWarned = false
            return (state.client, account == .another ? before : [])
        }
        client?.loginBrought(kept, for: target, isAnotherAccount: account != .same)
        lookAtUse()
        return before
    }

    /// A login brought an access token and nothing to have another by; what is held is as good as before.
    func loggedIn(_ kept: KeptToken, for target: TokenTarget) {
        let client = state.withLock { state in
            if !state.machine.hasGrant {
                state.machine.lost(TokenEndpointFailure(.loginRequired, .loginNotRefreshable))
            }
            return state.client
        }
        if let client, client.configuration.target == target { client.defaultSlot.tokenBrought(kept) }
    }

    /// The grant was given up, and there is none for want of `absence`.
    func forgotten(_ absence: TokenEndpointFailure) {
        let client = state.withLock { state in
            state.machine.lost(absence)
            state.replaced = [:]
            return state.client
        }
        client?.grantForgotten(absence)
    }

    /// There is no grant, and it is known better why.
    func missing(_ absence: TokenEndpointFailure) {
        state.withLock { state in
            // Of a logout, or of a login that brought no refresh token, nothing is left but this.
            let known = state.machine.obstacle?.localFault
            let isKnownBetter =
                known == .loggedOut && [.grantLost, .neverLoggedIn].contains(absence.localFault)
                || known == .loginNotRefreshable && absence.localFault == .neverLoggedIn
            if !state.machine.hasGrant, !isKnownBetter { state.machine.lost(absence) }
        }
    }

    /// The operator says that the restored grant was used by nobody else.
    func trusted() {
        let client = state.withLock { state in
            state.machine.trusted()
            return state.client
        }
        client?.grantChanged()
    }

    /// Tells the other slots that the server refuses the grant.
    func tellRefused(_ failure: TokenEndpointFailure) {
        state.withLock { $0.client }?.grantRefused(failure)
    }

    /// What an operator may know.
    func report() -> GrantReport {
        let now = time.now()
        return state.withLock { $0.machine.report(now: now) }
    }

    /// Whether there is a grant, in quarantine or not.
    var hasGrant: Bool { state.withLock { $0.machine.hasGrant } }

    /// Why no token can be had by it; nil when one may be had.
    var obstacle: TokenEndpointFailure? { state.withLock { $0.machine.obstacle } }

    /// Whether somebody works with it now.
    var isBusy: Bool { state.withLock { $0.machine.isBusy } }

    /// Whether it is not known if its refresh token is spent.
    var hasUnknownOutcome: Bool { state.withLock { $0.machine.hasUnknownOutcome } }

    // MARK: The client in force

    /// Serves `client` from now on, under its policy.
    func attach(_ client: Client, policy: GrantPolicy, deadlines: Deadlines) {
        let timer = deadlines.timer { [weak self] in self?.useIfDue() }
        state.withLock { state in
            state.client = client
            state.machine.policy = policy
            if state.use == nil { state.use = timer }
        }
        lookAtUse()
    }

    /// Serves nobody: its client is not configured any more.
    func detach() {
        state.withLock { state in
            state.client = nil
            state.use?.cancel()
        }
    }

    // MARK: Its life

    private func useIfDue() {
        let now = time.now()
        let (client, isDue) = state.withLock { state in
            (state.client, state.machine.useDue(now: now).map { $0 <= now.sinceBoot } ?? false)
        }
        if isDue { client?.defaultSlot.grantUseWanted(isUrgent: hasUnknownOutcome) }
        lookAtUse(isTried: isDue)
    }

    /// Sets the timer for when the grant is to be used next though nobody needs a token.
    private func lookAtUse(isTried: Bool = false) {
        let now = time.now()
        state.withLock { state in
            guard state.client != nil, let due = state.machine.useDue(now: now) else { return }
            // What was tried, or is under way, is looked at again when that may have come to something.
            let least = isTried || state.machine.isBusy ? now.sinceBoot + GrantLife.shortestKeepAlive : due
            state.use?.set(at: min(max(due, least), now.sinceBoot + TokenSlotMachine.longestPlan))
        }
    }

    /// Whether the end is near and nobody was told yet.
    func takeWarning() -> Bool {
        let now = time.now()
        return state.withLock { state in
            let isEnding = state.machine.report(now: now).isEnding
            defer { state.hasWarned = isEnding }
            return isEnding && !state.hasWarned
        }
    }
}
