package import OAuth2

/// Decides for one client's grant who may present its refresh token, when, and what the outcome means for it.
///
/// A refresh token may be good for one request only, so all that work with the grant take turns: one at a time, in the
/// order they came, over all slots of the client. What happened goes in, what to do comes out; the shell does it outside
/// its lock, and stores before it sends and before it publishes.
package struct GrantMachine: Sendable {
    private struct Waiting: Sendable {
        let turn: TurnID
        let purpose: TurnPurpose
    }

    /// How long the refresh token lives; the operator may change it by a reload.
    package var policy: GrantPolicy

    /// What is held, in quarantine or not; nil when there is nothing.
    private var grant: RefreshGrant?

    private var standing: GrantStanding

    /// Why there is nothing, when there is nothing.
    private var absence: TokenEndpointFailure

    /// Whose turn it is.
    private var current: TurnID?

    /// In the order they came.
    private var waiting: [Waiting] = []

    /// What was sent with the refresh token that is held, and never answered.
    private var unanswered: UnansweredAttempts?

    /// The first answer that refused the refresh token that is held, though not for good.
    private var firstRefusal: EarlierFailure?

    /// The time since boot before which the refresh token is not presented again, and why.
    private var pause: (until: Duration, failure: TokenEndpointFailure)?

    /// How many turns ended since with nothing known.
    private var fruitlessTurns = 0

    /// Whether the latest refresh token is not on the disk.
    private var isUnsaved = false

    /// The machine of a client without a grant, for want of `absence`.
    package init(policy: GrantPolicy, absence: TokenEndpointFailure) {
        self.policy = policy
        self.absence = absence
        standing = .held
    }

    // MARK: What is held

    /// The store had this at the start; an `intent` that is open says that the daemon ended in the midst of a request.
    package mutating func restored(_ grant: RefreshGrant, standing: GrantStanding, intent: RefreshIntent?) {
        self.grant = grant
        self.standing = standing
        (unanswered, firstRefusal) = (nil, nil)
        guard let intent, intent.sequence == grant.sequence, grant.isRotating else { return }
        unanswered = UnansweredAttempts(count: intent.attempts, since: intent.since)
    }

    /// Another grant takes the place of what was held.
    package mutating func replaced(by grant: RefreshGrant) {
        self.grant = grant
        standing = .held
        (unanswered, firstRefusal, pause, isUnsaved) = (nil, nil, nil, false)
    }

    /// There is no grant any more, or none could be had.
    package mutating func lost(_ absence: TokenEndpointFailure) {
        self.absence = absence
        grant = nil
        standing = .held
        (unanswered, firstRefusal, pause, isUnsaved) = (nil, nil, nil, false)
    }

    /// The operator says that a restored grant was used by nobody else.
    package mutating func trusted() {
        guard standing == .restored else { return }
        standing = .held
    }

    /// Whether there is a grant, in quarantine or not.
    package var hasGrant: Bool { grant != nil }

    /// Whether the refresh token may be sent when its turn comes: it is there, and nothing proved it spent or refused.
    package var isPresentable: Bool { grant != nil && standing == .held }

    /// Whether it is not known if the refresh token is spent, so that it is to be presented soon.
    package var hasUnknownOutcome: Bool { isPresentable && unanswered != nil }

    /// Why no token can be had by it, whatever the server says; nil when one may be had.
    package var obstacle: TokenEndpointFailure? {
        guard grant != nil else { return absence }
        switch standing {
        case .held: return nil
        case .refused(let refusal): return TokenEndpointFailure(refusal)
        case .restored, .replaced, .superseded: return TokenEndpointFailure(.loginRequired, .grantRestored)
        }
    }

    /// What an operator may know.
    package func report(now: Moment) -> GrantReport {
        let life = grant.map { GrantLife($0, policy) }
        return GrantReport(
            grant: grant,
            standing: grant == nil ? nil : standing,
            unanswered: unanswered,
            isUnsaved: isUnsaved,
            endsAt: life?.end,
            isEnding: isPresentable && life?.warningDue.map { $0 <= now.sinceEpoch } ?? false
        )
    }

    /// The time since boot at which the grant is to be used though nobody needs a token: to find out whether it is spent,
    /// or to keep it alive; nil for never.
    package func useDue(now: Moment) -> Duration? {
        guard isPresentable, let grant else { return nil }
        if hasUnknownOutcome { return max(now.sinceBoot, pause?.until ?? now.sinceBoot) }
        return GrantLife(grant, policy).keepAliveDue.map { now.sinceBoot + max(.zero, $0 - now.sinceEpoch) }
    }

    // MARK: Turns

    /// Somebody wants to work with the grant.
    package mutating func turnWanted(_ turn: TurnID, for purpose: TurnPurpose, now: Moment) -> [GrantAction] {
        waiting.append(Waiting(turn: turn, purpose: purpose))
        return goOn(now)
    }

    /// A turn is over, or nobody wants it any more.
    package mutating func turnEnded(_ turn: TurnID, now: Moment) -> [GrantAction] {
        waiting.removeAll { $0.turn == turn }
        if current == turn {
            current = nil
            pauseAfterFruitlessTurn(now)
        }
        return goOn(now)
    }

    /// While it is not known whether the refresh token is spent it is presented at a transient's pace, whatever kept the
    /// latest turn from finding out.
    private mutating func pauseAfterFruitlessTurn(_ now: Moment) {
        guard let unanswered, isPresentable else {
            fruitlessTurns = 0
            return
        }
        fruitlessTurns += 1
        guard pause.map({ $0.until <= now.sinceBoot }) ?? true else { return }
        let failure =
            pause?.failure ?? TokenEndpointFailure(.unknown, error: unanswered.lastFailure ?? "outcome_unknown")
        pause = (now.sinceBoot + Backoff.passing.delay(failures: fruitlessTurns, spread: 0), failure)
    }

    /// Whether this turn has not come yet.
    package func isWaiting(_ turn: TurnID) -> Bool { waiting.contains { $0.turn == turn } }

    /// Whether somebody works with the grant, or waits to.
    package var isBusy: Bool { current != nil || !waiting.isEmpty }

    /// Refuses the requests that would be in vain, and begins the first turn that is left.
    private mutating func goOn(_ now: Moment) -> [GrantAction] {
        guard current == nil else { return [] }
        var actions: [GrantAction] = []
        while let next = waiting.first {
            waiting.removeFirst()
            if next.purpose == .tokenRequest, let refusal = refusal(now) {
                actions.append(.refuse(next.turn, refusal))
                continue
            }
            current = next.turn
            return actions + [.begin(next.turn)]
        }
        return actions
    }

    /// Why the refresh token is not presented now.
    private func refusal(_ now: Moment) -> TokenEndpointFailure? {
        if let obstacle { return obstacle }
        if isUnsaved {
            let words = "the latest refresh token is not on the disk yet"
            return TokenEndpointFailure(.transient, .storeNotWritable, words: words)
        }
        guard let pause, pause.until > now.sinceBoot else { return nil }
        var failure = pause.failure
        // Nothing was sent this time.
        failure.failureClass = .transient
        failure.retryAfter = pause.until - now.sinceBoot
        return failure
    }

    // MARK: Requests

    /// What this turn may present, or why nothing: asked again when the server's budget lets the request go.
    package func presentation(_ turn: TurnID, now: Moment) -> Result<Presentation, TokenEndpointFailure> {
        guard turn == current, let grant else { return .failure(absence) }
        if let refusal = refusal(now) { return .failure(refusal) }
        guard policy.isRotating else { return .success(Presentation(grant: grant, intent: nil)) }
        let intent = RefreshIntent(
            sequence: grant.sequence,
            attempts: (unanswered?.count ?? 0) + 1,
            since: unanswered?.since ?? now.sinceEpoch,
            lastFailure: unanswered?.lastFailure
        )
        return .success(Presentation(grant: grant, intent: intent))
    }

    /// The server granted what was asked with `presentation`, sent at `sent`.
    package mutating func granted(
        _ response: TokenResponse,
        for presentation: Presentation,
        sent: Moment
    ) -> GrantVerdict {
        granted(
            response.refreshToken,
            expiringIn: response.refreshTokenExpiresIn,
            for: presentation,
            sent: sent
        )
    }

    /// The server gave the next refresh token, or nil for the same, with whatever else.
    package mutating func granted(
        _ refreshToken: Secret?,
        expiringIn stated: Duration?,
        for presentation: Presentation,
        sent: Moment
    ) -> GrantVerdict {
        var next = presentation.grant
        if let refreshToken, refreshToken != next.refreshToken {
            next.refreshToken = refreshToken
            next.sequence += 1
            // What an earlier refresh token was said to live is no word about this one.
            next.statedEnd = nil
        }
        next.renewedAt = sent.sinceEpoch
        if let stated { next.statedEnd = sent.sinceEpoch + stated }
        next.isRotating = policy.isRotating
        guard isOfThisGrant(presentation) else { return .granted(next) }
        grant = next
        (unanswered, firstRefusal, pause) = (nil, nil, nil)
        return .granted(next)
    }

    /// The request with `presentation` brought no token; `spread`, drawn from 0…1, is the share of the pause's jitter.
    ///
    /// Gives back the failure as callers and operators are to hear it: with what was never answered before, and the first
    /// refusal of those that led to it.
    package mutating func failed(
        _ failure: TokenEndpointFailure,
        of presentation: Presentation,
        spread: Double,
        now: Moment
    ) -> (verdict: GrantVerdict, failure: TokenEndpointFailure) {
        guard isOfThisGrant(presentation) else {
            // A login took its place: the refusal is the older one's.
            return (.unspent, TokenEndpointFailure(.transient, error: failure.error))
        }
        var failure = failure
        switch failure.failureClass {
        case .loginRequired:
            (failure.unanswered, failure.precededBy) = (unanswered, firstRefusal)
            let refusal = GrantRefusal(failure, at: now.sinceEpoch)
            standing = .refused(refusal)
            (unanswered, firstRefusal, pause) = (nil, nil, nil)
            return (.refused(refusal), failure)
        case .unknown where policy.isRotating:
            let since = presentation.intent?.since ?? now.sinceEpoch
            let count = presentation.intent?.attempts ?? 1
            unanswered = UnansweredAttempts(count: count, since: since, lastFailure: failure.error)
            let wait = Backoff.passing.delay(failures: count, spread: count == 1 ? 0 : spread)
            pause = (now.sinceBoot + max(wait, failure.retryAfter ?? .zero), failure)
            failure.unanswered = unanswered
            return (.unknown, failure)
        default:
            // An answer that is no refusal shows that the server did not take the token; what was unknown before this
            // attempt stays so.
            failure.unanswered = unanswered
            firstRefusal = firstRefusal ?? EarlierFailure(failure, at: now.sinceEpoch)
            return (unanswered == nil ? .unspent : .unknown, failure)
        }
    }

    private func isOfThisGrant(_ presentation: Presentation) -> Bool {
        presentation.grant.id == grant?.id && presentation.grant.sequence == grant?.sequence
    }

    // MARK: The store

    /// The latest refresh token could not be stored; it is in memory.
    package mutating func saveFailed(_ grant: RefreshGrant) {
        guard self.grant?.id == grant.id, self.grant?.sequence == grant.sequence else { return }
        isUnsaved = true
    }

    /// The latest refresh token is on the disk.
    package mutating func saved(_ grant: RefreshGrant) {
        guard self.grant?.id == grant.id, self.grant?.sequence == grant.sequence else { return }
        isUnsaved = false
    }
}
