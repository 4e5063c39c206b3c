internal import LocalAPI
internal import LocalServer
internal import Logging
internal import OAuth2
internal import Synchronization
internal import TokenLifecycle

/// A login at work: its machine, its secrets, and the operator who is told of it.
///
/// Every event goes through `modify`: lock, decide, unlock, perform.
final class Login: Sendable {
    /// How often a silent stream shows that it is alive.
    private static let heartbeat = Duration.seconds(30)

    /// Names it to the operator alone: whoever knows it may bring its redirect.
    let id: Secret
    let client: Client
    let caller: Caller
    let wish: LoginWish
    private let begunAt: Moment

    private struct State {
        var machine: LoginMachine
        var browser: BrowserLogin?
        var url = ""
        var device: DeviceAuthorization?
        var timer: DeadlineTimer?
        var beat: DeadlineTimer?
    }

    private let responder: Responder
    private let parts: LoginParts
    private let state: Mutex<State>
    private let forgotten: @Sendable (Login) -> Void

    init(
        _ client: Client,
        wish: LoginWish,
        redirectURI: String?,
        caller: Caller,
        responder: Responder,
        parts: LoginParts,
        forgotten: @escaping @Sendable (Login) -> Void
    ) {
        id = .random()
        self.client = client
        self.wish = wish
        self.caller = caller
        self.responder = responder
        self.parts = parts
        self.forgotten = forgotten
        begunAt = parts.time.now()
        state = Mutex(
            State(
                machine: LoginMachine(now: begunAt),
                browser: redirectURI.map { BrowserLogin(redirectURI: $0) }
            )
        )
    }

    // MARK: Events

    func begin() {
        responder.beginStream(contentType: "application/x-ndjson")
        let timer = parts.deadlines.timer { [weak self] in self?.modify { $0.timerFired(now: $1) } }
        let beat = parts.deadlines.timer { [weak self] in self?.showLife() }
        state.withLock { ($0.timer, $0.beat) = (timer, beat) }
        beat.set(at: parts.time.now().sinceBoot + Self.heartbeat)
        parts.logger.write(.loginBegan, ["client": "\(client.name)"])
        modify { machine, _ in machine.begun() }
        // A reload or a stop may have ended it before there was a stream to be ended.
        if state.withLock({ $0.machine.isOver }) { close() }
    }

    /// What the browser brought, or somebody who says so.
    func hear(_ redirect: Secret) -> LoginMachine.Hearing {
        guard let browser = state.withLock({ $0.browser }) else { return .notWaiting }
        let answer = browser.code(in: redirect)
        var hearing = LoginMachine.Hearing.notWaiting
        let actions = state.withLock { state in
            let (heard, actions) = state.machine.redirected(answer)
            hearing = heard
            return apply(actions, to: &state)
        }
        perform(actions)
        return hearing
    }

    func operatorLeft() { modify { machine, _ in machine.operatorLeft() } }

    func giveUp(because failure: LoginFailure) { modify { machine, _ in machine.givenUp(because: failure) } }

    private func showLife() {
        guard !state.withLock({ $0.machine.isOver }) else { return }
        guard isHeard else { return operatorLeft() }
        // An empty line is no JSON value, and keeps the stream alive for whoever reads lines.
        responder.sendChunk([0x0A])
        state.withLock { $0.beat }?.set(at: parts.time.now().sinceBoot + Self.heartbeat)
    }

    /// Who is no operator any more hears nothing more.
    private var isHeard: Bool { parts.operators.include(caller.peer) }

    // MARK: The choke point

    private func modify(_ event: (inout LoginMachine, Moment) -> [LoginMachine.Action]) {
        let now = parts.time.now()
        perform(state.withLock { state in apply(event(&state.machine, now), to: &state) })
    }

    /// Timers are set under the lock: two threads must not set them in another order than they decided.
    private func apply(_ actions: [LoginMachine.Action], to state: inout State) -> [LoginMachine.Action] {
        actions.filter { action in
            switch action {
            case .setTimer(let deadline): state.timer?.set(at: deadline)
            case .cancelTimer: state.timer?.cancel()
            default: return true
            }
            return false
        }
    }

    private func perform(_ actions: [LoginMachine.Action]) {
        for action in actions {
            switch action {
            case .prepare: Task { await prepare() }
            case .showAuthorization: showAuthorization()
            case .showCode: showCode()
            case .showSlowDown(let interval): tell(.slowDown) { $0.interval = interval }
            case .showRetry(let failure):
                tell(.retry) {
                    $0.failure = LoginFailure.refused(failure).error(of: self.client.configuration).document
                }
            case .showRedeeming: tell(.redeeming)
            case .redeem(let code): Task { await redeem(code) }
            case .ask: Task { await ask() }
            case .keep(let response): Task { await keep(response) }
            case .fail(let failure): fail(failure)
            case .forget: forget()
            case .setTimer, .cancelTimer: break
            }
        }
    }

    private var grant: Grant { client.configuration.grant }

    private func tell(_ kind: LoginEvent.Kind, _ fill: (inout LoginEvent) -> Void = { _ in }) {
        guard isHeard else { return }
        var event = LoginEvent(kind, client: client.name.value)
        fill(&event)
        responder.sendChunk(event.line)
    }

    private func showAuthorization() {
        let (url, redirectURI, end) = state.withLock { ($0.url, $0.browser?.redirectURI, $0.machine.end) }
        tell(.authorize) { event in
            event.login = id.exposed()
            event.authorizationUri = url
            event.redirectUri = redirectURI?.exposed()
            event.expiresAt = parts.unixTime(of: end)
        }
    }

    private func showCode() {
        let (device, machine) = state.withLock { ($0.device, $0.machine) }
        guard let device else { return }
        tell(.verify) { event in
            event.userCode = device.userCode
            event.verificationUri = device.verificationURI
            event.verificationUriComplete = device.verificationURIComplete
            event.expiresAt = parts.unixTime(of: machine.end)
            event.interval = Int(machine.interval.components.seconds)
        }
    }

    private func fail(_ failure: LoginFailure) {
        let error = failure.error(of: client.configuration)
        parts.logger.write(
            .loginFailed,
            ["client": "\(client.name)", "cause": "\(error.cause ?? error.code.rawValue)"]
        )
        if case .refused(let failure) = failure { noteFailed(failure, codeAge: nil) }
        // Before the operator hears of it, so that another may be begun at once.
        forgotten(self)
        tell(.failed) { $0.failure = error.document }
        close()
    }

    private func forget() {
        forgotten(self)
        close()
    }

    private func close() {
        state.withLock { state in
            state.beat?.cancel()
            (state.browser, state.device, state.url) = (nil, nil, "")
        }
        responder.endStream()
    }

    // MARK: With the server

    private func prepare() async {
        let configuration = client.configuration
        do throws(LoginFailure) {
            if grant == .deviceCode {
                let url = try await parts.endpoint(.deviceAuthorization, of: configuration)
                let device = try await parts.refusing { () async throws(TokenEndpointFailure) in
                    try await parts.exchanges.authorizeDevice(of: configuration, at: url)
                }
                state.withLock { $0.device = device }
                modify { $0.devicePrepared(expiresIn: device.expiresIn, interval: device.interval, now: $1) }
            } else {
                let url = try await parts.endpoint(.authorization, of: configuration)
                let issuer = try await parts.refusing { () async throws(TokenEndpointFailure) in
                    try await parts.exchanges.issuer(of: configuration)
                }
                state.withLock { state in
                    state.browser?.issuer = issuer?.name
                    state.browser?.isIssuerStated = issuer?.isStated ?? false
                    state.url = state.browser?.url(at: url, of: configuration) ?? ""
                }
                modify { machine, _ in machine.browserPrepared() }
            }
        } catch {
            modify { machine, _ in machine.preparationFailed(error) }
        }
    }

    private func ask() async {
        guard let code = state.withLock({ $0.device?.deviceCode }) else { return }
        guard let grant = client.grant, await !parts.redemption.registry.isUnsaved(grant) else {
            // An answer may bring the grant, which there must be room for.
            let failure = TokenEndpointFailure(
                .transient,
                .storeNotWritable,
                words: "an earlier grant is not stored yet"
            )
            return modify { $0.answered(.failure(failure), now: $1) }
        }
        let sent = parts.time.now()
        let answer = await parts.redemption.present(.deviceCode(code), of: client.configuration)
        sentAt.withLock { $0 = sent }
        modify { $0.answered(answer, now: $1) }
    }

    /// When the question whose answer counts was sent.
    private let sentAt = Mutex<Moment?>(nil)

    private func keep(_ response: TokenResponse) async {
        guard let grant = client.grant, let sent = sentAt.withLock({ $0 }) else { return }
        let issuer = try? await parts.exchanges.issuer(of: client.configuration)?.name
        let outcome = await grant.withTurn {
            await parts.redemption.keep(response, sent: sent, issuer: issuer, of: client, grant, wish)
        }
        end(outcome)
    }

    private func redeem(_ code: Secret) async {
        guard let grant = client.grant, let browser = state.withLock({ $0.browser }) else { return }
        let outcome = await grant.withTurn { () async -> Result<LoginRedemption.Kept, LoginFailure> in
            // A refresh token that is in memory alone would be stored after this, and taken for a late answer.
            guard await !parts.redemption.registry.isUnsaved(grant) else { return .failure(.storeNotWritable) }
            let sent = parts.time.now()
            let presented = AuthorizationGrant.authorizationCode(
                code,
                redirectURI: browser.redirectURI.exposed(),
                codeVerifier: browser.verifier
            )
            switch await parts.redemption.present(presented, of: client.configuration) {
            case .success(let response):
                return await parts.redemption
                    .keep(response, sent: sent, issuer: browser.issuer, of: client, grant, wish)
            case .failure(let failure):
                parts.exchanges.count(failure, of: client.defaultSlot, since: sent)
                noteFailed(failure, codeAge: sent.sinceBoot - begunAt.sinceBoot)
                return .failure(.codeSpent(failure))
            }
        }
        end(outcome)
    }

    /// For a diagnosis of the client to begin with.
    private func noteFailed(_ failure: TokenEndpointFailure, codeAge: Duration?) {
        client.failedLogin = FailedLogin(failure: failure, grant: grant, at: parts.time.now(), codeAge: codeAge)
    }

    private func end(_ outcome: Result<LoginRedemption.Kept, LoginFailure>) {
        switch outcome {
        case .failure(let failure):
            modify { machine, _ in machine.redemptionFailed(failure) }
        case .success(let kept):
            client.failedLogin = nil
            forgotten(self)
            tell(.done) { event in
                event.subject = kept.subject
                event.previousSubject = kept.previousSubject
                event.scope = kept.scope.wireValue
                event.refreshable = kept.isRefreshable
                event.note = kept.notes.isEmpty ? nil : kept.notes.joined(separator: " ")
            }
            modify { machine, _ in machine.redeemed() }
        }
    }
}

/// What every login of a broker shares.
struct LoginParts: Sendable {
    let exchanges: TokenExchanges
    let redemption: LoginRedemption
    let operators: Operators
    let time: TimeSource
    let deadlines: Deadlines
    let logger: Logger

    /// A time since boot, by the wall clock.
    func unixTime(of sinceBoot: Duration) -> Int {
        let now = time.now()
        return (now.sinceEpoch + sinceBoot - now.sinceBoot).wholeSeconds
    }

    /// Where a login of the client begins.
    func endpoint(_ kind: EndpointKind, of client: ClientConfiguration) async throws(LoginFailure) -> EndpointURL {
        let url = try await refusing { () async throws(TokenEndpointFailure) in
            try await exchanges.endpoint(kind, of: client)
        }
        guard let url else { throw .noEndpoint(kind) }
        return url
    }

    func refusing<Value>(_ work: () async throws(TokenEndpointFailure) -> Value) async throws(LoginFailure) -> Value {
        do throws(TokenEndpointFailure) { return try await work() } catch { throw .refused(error) }
    }
}
