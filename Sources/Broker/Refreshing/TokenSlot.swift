internal import LocalAPI
internal import Logging
package import OAuth2
internal import Synchronization
package import TokenLifecycle

/// The place of one access token: its machine, the rendered answer, and the callers that wait for it.
///
/// Every event goes through `modify`: lock, decide, unlock, perform. Nothing foreign runs under the lock.
package final class TokenSlot: Sendable {
    /// What the slot is for.
    package let id: TokenSlotID

    /// The client as it was configured when the slot was made; a changed client gets new slots.
    package var configuration: ClientConfiguration { commons.configuration }

    /// What its tokens are had by; nil for a client that presents nothing that is kept.
    package var grant: ClientGrant? { commons.grant }

    private struct State {
        var machine: TokenSlotMachine
        /// What is published, once it was served.
        var rendered: RenderedToken?
        var fingerprint: TokenFingerprint?

        /// Counts what was published and withdrawn.
        var publication: UInt64 = 0
        var waiting: [WaiterID: WaitingCaller] = [:]
        var shownState: SlotState
        var timer: DeadlineTimer?

        /// Where the request that is under way stands in the server's budget.
        var place: ServerBudgets.Place?

        /// The request that stands there.
        var placed: Generation?
    }

    /// What is left to do once the lock is free.
    private enum Effect {
        case sendTokenRequest(Generation, deathAt: Duration?)
        case sendProbe(Generation, deathAt: Duration?)
        case recordLastAsked(Moment)
        case startWaiting(WaitingCaller)
        case answer(WaitingCaller, FetchOutcome)
        case discardedStaleAnswer
        case changed
    }

    var surroundings: Surroundings { commons.surroundings }
    private let commons: Commons
    private let state: Mutex<State>

    /// A slot that begins with what the store kept for it.
    init(for target: TokenTarget, memory: SlotMemory?, _ commons: Commons) {
        let (configuration, surroundings) = (commons.configuration, commons.surroundings)
        id = TokenSlotID(client: configuration.name, target: target)
        self.commons = commons
        let machine = TokenSlotMachine(
            policy: configuration.policy,
            boot: surroundings.time.boot,
            kept: memory?.kept,
            lastAsked: memory?.lastAsked,
            now: surroundings.time.now()
        )
        state = Mutex(State(machine: machine, shownState: .idle))
    }

    // MARK: Callers

    /// The cached token, if it is worth at least `minTTL` more.
    func usableToken(minTTL: Duration?) -> ServedToken? {
        let now = surroundings.time.now()
        let (served, effects) = state.withLock { state -> (ServedToken?, [Effect]) in
            guard let token = state.machine.usableToken(minTTL: minTTL, now: now) else { return (nil, []) }
            let rendered = state.rendered ?? RenderedToken(token: token, client: id.client)
            state.rendered = rendered
            let fingerprint = state.fingerprint ?? TokenFingerprint(token.value)
            state.fingerprint = fingerprint
            let served = ServedToken(
                rendered: rendered,
                fingerprint: fingerprint,
                publication: state.publication,
                at: now,
                window: ServingWindow(
                    remaining: state.machine.remainingLife(now: now),
                    margin: state.machine.servingMargin(minTTL: minTTL) ?? .zero,
                    now: now
                )
            )
            let actions = state.machine.callerServed(now: now)
            return (served, actions.isEmpty ? [] : apply(actions, to: &state, now: now))
        }
        if !effects.isEmpty { perform(effects) }
        return served
    }

    /// Writes the token once more, if it is still the one of `publication`; false when it is not.
    func writeAgain(
        _ publication: UInt64,
        as format: TokenFormat,
        expiresIn: DecimalText,
        into answer: inout AnswerBuffer
    ) -> Bool {
        state.withLock { state in
            guard publication == state.publication, let rendered = state.rendered else { return false }
            rendered.write(format, expiresIn: expiresIn, into: &answer)
            return true
        }
    }

    /// Lets a caller wait for a token; its end may come before this returns.
    func wait(_ caller: WaitingCaller, minTTL: Duration?) {
        let now = surroundings.time.now()
        let effects = state.withLock { state -> [Effect] in
            state.waiting[caller.id] = caller
            let actions = state.machine.callerAsked(caller.id, minTTL: minTTL, now: now)
            return [.startWaiting(caller)] + apply(actions, to: &state, now: now)
        }
        perform(effects)
    }

    /// Asks for a new token now, whatever the cached one is worth, and lets the operator wait for the outcome.
    func refresh(_ caller: WaitingCaller) {
        let now = surroundings.time.now()
        let effects = state.withLock { state -> [Effect] in
            state.waiting[caller.id] = caller
            let actions = state.machine.operatorAskedForRefresh(waiter: caller.id, now: now)
            return [.startWaiting(caller)] + apply(actions, to: &state, now: now)
        }
        perform(effects)
    }

    /// Ends the wait of a caller whose time is over or who hung up; the token request goes on for the others.
    func stopWaiting(_ id: WaiterID, because end: WaitingCaller.End) {
        let caller = state.withLock { state in
            state.machine.callerLeft(id)
            return state.waiting.removeValue(forKey: id)
        }
        caller?.finish(end)
    }

    /// Lets every caller that waits ask again: who may have the token has changed.
    func reconsiderWaits() {
        let callers = state.withLock { state in
            let callers = state.waiting.values.filter { !$0.isOperator }
            for caller in callers {
                state.machine.callerLeft(caller.id)
                state.waiting[caller.id] = nil
            }
            return callers.sorted { $0.id.number < $1.id.number }
        }
        for caller in callers { caller.finish(.outcome(.failure(.removed))) }
    }

    /// Ends every wait: the broker stops.
    func endWaits() {
        let callers = state.withLock { state in
            for id in state.waiting.keys { state.machine.callerLeft(id) }
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for caller in callers { caller.finish(.stopping) }
    }

    // MARK: Events

    /// The wall clock was set or the machine slept.
    func clockChanged() { modify { $0.clockChanged(now: $1) } }

    /// Makes the first plan.
    package func start() { modify { $0.started(now: $1) } }

    /// The answer to the token request of `generation`, committed to the store where that was possible.
    package func tokenReceived(_ kept: KeptToken, generation: Generation) {
        modify { $0.tokenReceived(kept, generation: generation, now: $1) }
    }

    /// The token request of `generation` brought no token.
    package func requestFailed(_ failure: TokenEndpointFailure, generation: Generation) {
        let spread = backoffSpread()
        modify { $0.requestFailed(failure, generation: generation, spread: spread, now: $1) }
    }

    /// The server wants to be left alone, so that neither the request of `generation` nor its probe was sent.
    func requestRefused(_ failure: TokenEndpointFailure, generation: Generation) {
        if unexplainedRefusal(of: generation) != nil {
            probeEnded(.noAnswer, generation: generation)
        } else {
            requestFailed(failure, generation: generation)
        }
    }

    /// The request of `generation` is to wait for its turn once more: at another server than was thought, or with the
    /// next secret.
    func requestGoesOn(_ generation: Generation, in trial: SecretTrial?) {
        let now = surroundings.time.now()
        let death = state.withLock { deathAt($0, now) }
        surroundings.requests.enqueueAgain(self, generation: generation, deathAt: death, in: trial)
    }

    /// The probe after the unexplained refusal of `generation` ended.
    package func probeEnded(_ finding: ProbeFinding, generation: Generation) {
        let spread = backoffSpread()
        modify { $0.probeEnded(finding, generation: generation, spread: spread, now: $1) }
    }

    /// The client cannot be asked for as it stands, for instance because its secret cannot be read.
    package func configurationBroken(_ failure: TokenEndpointFailure) {
        let spread = backoffSpread()
        modify { $0.configurationBroken(failure, spread: spread, now: $1) }
    }

    /// Within 0…1.
    private func backoffSpread() -> Double { (surroundings.jitter() + 1) / 2 }

    /// The operator reloaded, or the secret changed: what failed for the configuration may work now.
    package func configurationChanged() { modify { $0.configurationChanged(now: $1) } }

    /// Another client of the same server got a token.
    package func serverRecovered() { modify { $0.serverRecovered(now: $1) } }

    /// The client is gone from the configuration, or the daemon stops.
    package func removed() {
        modify { machine, _ in machine.removed() }
        let (place, generation) = state.withLock { ($0.place, $0.placed) }
        if let place, let generation { surroundings.requests.withdraw(place, of: self, generation) }
    }

    // MARK: Status

    /// Whether an answer of `generation` would still be published.
    func isCurrent(_ generation: Generation) -> Bool {
        state.withLock { $0.machine.isCurrent(generation) }
    }

    /// The refusal that the probe of `generation` is to explain; nil when it was overtaken.
    func unexplainedRefusal(of generation: Generation) -> TokenEndpointFailure? {
        state.withLock { $0.machine.unexplainedRefusal(of: generation) }
    }

    /// What of the report is asked of all slots at once.
    func standing(now: Moment) -> (state: SlotState, isInUse: Bool) {
        state.withLock { ($0.machine.state(now: now), $0.machine.isInUse(now: now)) }
    }

    /// Whether the latest attempt failed.
    var hasFailed: Bool { state.withLock { $0.machine.hasFailed } }

    /// What the operator sees of this slot.
    package func report() -> SlotReport {
        let now = surroundings.time.now()
        return state.withLock { $0.machine.report(now: now) }
    }

    /// What a slot that replaces this one begins with.
    func memory() -> SlotMemory {
        state.withLock { SlotMemory(target: id.target, kept: $0.machine.kept, lastAsked: lastAsked($0)) }
    }

    /// When a caller last asked, for the store.
    func lastAsked() -> Receipt? { state.withLock { lastAsked($0) } }

    private func lastAsked(_ state: State) -> Receipt? {
        state.machine.lastAsked.map { Receipt(moment: $0, boot: surroundings.time.boot) }
    }

    /// A token with what is left of it now.
    func served(_ token: AccessToken) -> ServedToken {
        let now = surroundings.time.now()
        // One that was not kept came this moment.
        let (life, publication) = state.withLock { state in
            let life =
                state.machine.kept?.token == token
                ? state.machine.remainingLife(now: now)
                : token.lifetime.map { max(.zero, token.receipt.moment.sinceBoot + $0 - now.sinceBoot) }
            return (life, state.publication)
        }
        return ServedToken(
            rendered: RenderedToken(token: token, client: id.client),
            fingerprint: TokenFingerprint(token.value),
            publication: publication,
            at: now,
            window: ServingWindow(remaining: life, margin: .zero, now: now)
        )
    }

    /// Whether its place may be given to another: nobody asked for it lately, its server is not being asked, and whoever
    /// asks for it again brings about no token request that its place would have saved.
    var isEvictable: Bool {
        let report = report()
        guard !report.isWarm else { return false }
        guard report.isAttemptUnderWay else {
            let now = surroundings.time.now()
            return state.withLock { $0.machine.isForgettable(now: now) }
        }
        return isQueued
    }

    /// Whether its token request waits for its turn at the server.
    var isQueued: Bool {
        let (place, isPlaced) = state.withLock { state in
            (state.place, state.placed.map { state.machine.isCurrent($0) } ?? false)
        }
        // Without a place there yet, others work with the grant.
        guard isPlaced, let place else { return grant != nil && report().isAttemptUnderWay }
        return surroundings.requests.isWaiting(place)
    }

    // MARK: The choke point

    func modify(_ event: (inout TokenSlotMachine, Moment) -> [Action]) {
        let now = surroundings.time.now()
        let effects = state.withLock { state in
            apply(event(&state.machine, now), to: &state, now: now)
        }
        perform(effects)
    }

    private func apply(_ actions: [Action], to state: inout State, now: Moment) -> [Effect] {
        var effects: [Effect] = []
        for action in actions {
            switch action {
            case .sendTokenRequest(let generation):
                effects.append(.sendTokenRequest(generation, deathAt: deathAt(state, now)))
            case .sendProbe(let generation):
                effects.append(.sendProbe(generation, deathAt: deathAt(state, now)))
            case .publish, .withdraw:
                (state.rendered, state.fingerprint) = (nil, nil)
                state.publication += 1
            case .answer(let waiter, let outcome):
                if let caller = state.waiting.removeValue(forKey: waiter) { effects.append(.answer(caller, outcome)) }
            // Set under the lock: two threads must not set the timer in another order than they decided.
            case .setTimer(let deadline):
                let timer = state.timer ?? timer()
                state.timer = timer
                timer.set(at: deadline)
            case .cancelTimer:
                state.timer?.cancel()
            case .recordLastAsked(let moment):
                effects.append(.recordLastAsked(moment))
            case .discardedStaleAnswer:
                effects.append(.discardedStaleAnswer)
            }
        }
        let shown = state.machine.state(now: now)
        if shown != state.shownState || actions.contains(where: { if case .publish = $0 { true } else { false } }) {
            state.shownState = shown
            effects.append(.changed)
        }
        return effects
    }

    private func timer() -> DeadlineTimer {
        surroundings.deadlines.timer { [weak self] in self?.modify { $0.timerFired(now: $1) } }
    }

    /// On CLOCK_BOOTTIME.
    private func deathAt(_ state: State, _ now: Moment) -> Duration? {
        state.machine.turnDue(now: now)
    }

    /// Remembers the place of the request of `generation`, or gives it up when the slot was removed meanwhile.
    func hold(_ place: ServerBudgets.Place, for generation: Generation) {
        let isWanted = state.withLock { state -> Bool in
            guard state.machine.isCurrent(generation) else { return false }
            (state.place, state.placed) = (place, generation)
            return true
        }
        // An answer that came already has given it back.
        if !isWanted { surroundings.requests.withdraw(place, of: self, generation) }
    }

    private func perform(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .sendTokenRequest(let generation, let deathAt):
                surroundings.requests.enqueue(self, generation: generation, deathAt: deathAt)
            case .sendProbe(let generation, let deathAt):
                surroundings.requests.enqueueProbe(self, generation: generation, deathAt: deathAt)
            case .recordLastAsked(let moment):
                surroundings.keeper.recordLastAsked(id, at: Receipt(moment: moment, boot: surroundings.time.boot))
            case .startWaiting(let caller):
                caller.timer.set(at: caller.deadline)
            case .answer(let caller, let outcome):
                caller.finish(.outcome(outcome))
            case .discardedStaleAnswer:
                surroundings.logger.write(.staleAnswer, ["client": "\(id.client)"])
            case .changed:
                surroundings.changes.slotChanged(id)
            }
        }
    }
}
