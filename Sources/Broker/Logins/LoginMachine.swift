internal import OAuth2

/// Decides what becomes of one login: what happened goes in, with the time; what to do comes out.
///
/// A code is redeemed once, whatever races and whatever fails. What the authorization server is being asked when the
/// operator leaves goes on to its end, since its answer is the only copy of a grant that a person gave.
struct LoginMachine: Sendable {
    /// What is to be done, in its order.
    enum Action: Sendable, Equatable {
        /// Find out where the person logs in.
        case prepare

        /// Tell the operator where to log in.
        case showAuthorization

        /// Tell the operator the code, and where to type it.
        case showCode

        /// Tell the operator how often it is asked from now on, in seconds.
        case showSlowDown(Int)

        /// Tell the operator that the server could not be asked.
        case showRetry(TokenEndpointFailure)

        /// Tell the operator that the person has decided.
        case showRedeeming

        /// Present this code, once.
        case redeem(Secret)

        /// Ask whether the person has decided.
        case ask

        /// Keep what the answer to the question brought.
        case keep(TokenResponse)

        case setTimer(at: Duration)
        case cancelTimer

        /// Log it, tell the operator as far as there is one, and forget the login.
        case fail(LoginFailure)

        /// Forget the login.
        case forget
    }

    /// What a redirect is answered with.
    enum Hearing: Sendable, Equatable {
        /// It brought a code, or the word that there is none.
        case accepted(granted: Bool)

        /// It is not this login's, which goes on.
        case refused(AuthorizationResponse.Refusal)

        /// There is no login that waits for one: a code was brought before, or none is wanted.
        case notWaiting
    }

    private enum Phase: Sendable, Equatable {
        case preparing
        case awaitingRedirect

        /// The next question is due at this time since boot.
        case awaitingQuestion(at: Duration)
        case asking

        /// The grant is being fetched, or kept.
        case redeeming
        case ended
    }

    /// No login takes longer: what a forgotten terminal holds open is not to be anybody's for long.
    static let longestLife = Duration.seconds(600)

    /// By how much `slow_down` lengthens the interval, for good (RFC 8628 §3.5).
    static let slowDownStep = Duration.seconds(5)

    /// A server that is away is asked at least so often: the person waits.
    static let longestPause = Duration.seconds(60)

    private var phase = Phase.preparing

    /// The time since boot at which it ends unfinished.
    private(set) var end: Duration

    /// The least time between two questions.
    private(set) var interval = DeviceAuthorization.standardInterval

    /// How many questions in a row were not answered.
    private var unanswered = 0

    /// Whether the operator is still there.
    private var isHeard = true

    /// Why the login ends when the question that is under way brings nothing.
    private var abandonment: LoginFailure?

    init(now: Moment) { end = now.sinceBoot + Self.longestLife }

    /// Whether nothing is left to be done.
    var isOver: Bool { phase == .ended }

    // MARK: The way to the person

    /// The operator wants a login.
    mutating func begun() -> [Action] { phase == .preparing ? [.setTimer(at: end), .prepare] : [] }

    /// It is known where the browser is to go.
    mutating func browserPrepared() -> [Action] {
        guard phase == .preparing else { return [] }
        phase = .awaitingRedirect
        return [.showAuthorization]
    }

    /// The server gave the codes of a login on another device.
    mutating func devicePrepared(expiresIn lifetime: Duration, interval: Duration, now: Moment) -> [Action] {
        guard phase == .preparing else { return [] }
        end = min(end, now.sinceBoot + lifetime)
        self.interval = interval
        return [.showCode] + wait(for: interval, now)
    }

    /// There is no way to log in.
    mutating func preparationFailed(_ failure: LoginFailure) -> [Action] {
        phase == .preparing ? fail(failure) : []
    }

    // MARK: A browser's redirect

    /// A browser, or somebody who says so, brought an answer.
    mutating func redirected(_ answer: Result<Secret, AuthorizationResponse.Refusal>) -> (Hearing, [Action]) {
        guard phase == .awaitingRedirect else { return (.notWaiting, []) }
        switch answer {
        case .success(let code):
            phase = .redeeming
            return (.accepted(granted: true), [.cancelTimer, .showRedeeming, .redeem(code)])
        case .failure(.declined(let error, let words)):
            return (.accepted(granted: false), fail(.declined(error: error, words: words)))
        case .failure(let refusal):
            // Whoever it is, it must not end the login of another.
            return (.refused(refusal), [])
        }
    }

    // MARK: A device's questions

    /// The time that was set came.
    mutating func timerFired(now: Moment) -> [Action] {
        switch phase {
        case .preparing, .awaitingRedirect:
            return now.sinceBoot >= end ? fail(.timeOver) : [.setTimer(at: end)]
        case .awaitingQuestion(let due):
            guard now.sinceBoot < end else { return fail(.timeOver) }
            guard now.sinceBoot >= due else { return [.setTimer(at: min(due, end))] }
            phase = .asking
            return [.ask]
        case .asking, .redeeming, .ended:
            // What the server is being asked for is not given up.
            return []
        }
    }

    /// The server answered a question, or could not be asked.
    mutating func answered(_ answer: Result<TokenResponse, TokenEndpointFailure>, now: Moment) -> [Action] {
        guard phase == .asking else { return [] }
        let failure: TokenEndpointFailure
        switch answer {
        case .success(let response):
            phase = .redeeming
            return (isHeard ? [.showRedeeming] : []) + [.keep(response)]
        case .failure(let error):
            failure = error
        }
        // Nobody waits, and nothing came of it.
        guard isHeard else { return over() }
        if let abandonment { return fail(abandonment) }
        switch failure.failureClass {
        case .authorizationPending:
            unanswered = 0
            return wait(for: interval, now)
        case .slowDown:
            unanswered = 0
            interval += Self.slowDownStep
            return [.showSlowDown(Int(interval.components.seconds))] + wait(for: interval, now)
        case .transient, .unknown, .protocol:
            unanswered += 1
            // Doubled each time (RFC 8628 §3.5).
            let doubled = interval * (1 << min(unanswered, 6))
            let pause = max(min(doubled, max(Self.longestPause, interval)), failure.retryAfter ?? .zero)
            return [.showRetry(failure)] + wait(for: pause, now)
        case .expiredDeviceCode:
            return fail(.timeOver)
        case .configuration where failure.error == OAuthErrorCode.accessDenied.rawValue:
            return fail(.declined(error: failure.error, words: failure.serverWords))
        case .configuration, .loginRequired, .endpointMisconfigured, .halted, .unexplainedRefusal, .dpopNonceRequired:
            return fail(.refused(failure))
        }
    }

    private mutating func wait(for pause: Duration, _ now: Moment) -> [Action] {
        let due = now.sinceBoot + pause
        phase = .awaitingQuestion(at: due)
        return [.setTimer(at: min(due, end))]
    }

    // MARK: Ends

    /// The grant is held, or nothing came of it; the operator was told, who was there.
    mutating func redeemed() -> [Action] { phase == .redeeming ? over() : [] }

    /// What the login is to bring did not come.
    mutating func redemptionFailed(_ failure: LoginFailure) -> [Action] { phase == .redeeming ? fail(failure) : [] }

    /// The operator's connection is gone.
    mutating func operatorLeft() -> [Action] {
        isHeard = false
        return isUnderWay ? [] : over()
    }

    /// The client is another, or gone, or the daemon stops: what is not decided yet is not waited for.
    mutating func givenUp(because failure: LoginFailure) -> [Action] {
        guard isUnderWay else { return fail(failure) }
        abandonment = abandonment ?? failure
        return []
    }

    /// Whether the server is being asked for the grant.
    var isUnderWay: Bool { phase == .asking || phase == .redeeming }

    private mutating func fail(_ failure: LoginFailure) -> [Action] {
        guard phase != .ended else { return [] }
        phase = .ended
        return [.cancelTimer, .fail(failure)]
    }

    private mutating func over() -> [Action] {
        guard phase != .ended else { return [] }
        phase = .ended
        return [.cancelTimer, .forget]
    }
}
