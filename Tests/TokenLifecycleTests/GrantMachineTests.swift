import OAuth2
import Testing
import TokenLifecycle

@Suite("A grant") struct GrantMachineTests {
    @Test("that is not there refuses every request, and says why")
    func absent() {
        var grant = GrantInTime()
        let (turn, actions) = grant.want()
        #expect(actions == [.refuse(turn, GrantInTime.absence)])
        #expect(grant.report().grant == nil && grant.report().standing == nil && !grant.report().isEnding)
        #expect(!grant.machine.isBusy)
    }

    @Test("is worked with by one at a time, in the order they came")
    func turns() {
        var grant = GrantInTime.holding()
        let first = grant.want()
        #expect(first.actions == [.begin(first.turn)])
        let second = grant.want()
        let change = grant.want(.change)
        let third = grant.want()
        #expect(second.actions == [] && change.actions == [] && third.actions == [])
        #expect(grant.machine.isWaiting(third.turn) && !grant.machine.isWaiting(first.turn))
        // One that nobody wants any more costs no turn.
        #expect(grant.end(second.turn) == [])
        #expect(grant.end(first.turn) == [.begin(change.turn)])
        #expect(grant.end(first.turn) == [])
        #expect(grant.end(change.turn) == [.begin(third.turn)])
        #expect(grant.end(third.turn) == [] && !grant.machine.isBusy)
    }

    @Test("stores an intent first, which counts what was never answered")
    func intents() throws {
        var grant = GrantInTime.holding()
        let begin = grant.now.sinceEpoch
        let (turn, presentation) = try grant.present()
        #expect(presentation.intent == RefreshIntent(sequence: 1, attempts: 1, since: begin))
        #expect(presentation.grant.refreshToken == Secret("r1"))
        _ = grant.machine.failed(GrantFailures.lost, of: presentation, spread: 0, now: grant.now)
        _ = grant.end(turn)
        grant.pass(.seconds(1))
        let again = try grant.present().presentation
        let intent = RefreshIntent(sequence: 1, attempts: 2, since: begin, lastFailure: "reset_after_sending")
        #expect(again.intent == intent)
    }

    @Test("that does not rotate is presented without an intent")
    func notRotating() throws {
        var grant = GrantInTime.holding(makeGrant(), GrantPolicy(isRotating: false))
        #expect(try grant.present().presentation.intent == nil)
    }

    @Test(
        "is still good after every failure but a refusal",
        arguments: [
            (GrantFailures.unsent, GrantVerdict.unspent), (GrantFailures.busy, .unspent),
            (GrantFailures.misconfigured, .unspent), (GrantFailures.halted, .unspent),
            (GrantFailures.lost, .unknown), (GrantFailures.gateway, .unknown),
        ]
    )
    func failures(failure: TokenEndpointFailure, verdict: GrantVerdict) throws {
        var grant = GrantInTime.holding()
        #expect(try grant.fail(failure).verdict == verdict)
        #expect(grant.machine.isPresentable)
        #expect(grant.machine.hasUnknownOutcome == (verdict == .unknown))
        grant.pass(failure.retryAfter ?? .seconds(1))
        #expect(try grant.present().presentation.grant.refreshToken == Secret("r1"))
    }

    @Test(
        "whose outcome is unknown is presented once more within two seconds, then in peace"
    )
    func pace() throws {
        var grant = GrantInTime.holding()
        var gateway = GrantFailures.gateway
        gateway.retryAfter = nil
        try grant.fail(gateway)
        #expect(grant.machine.useDue(now: grant.now) == grant.now.sinceBoot + .seconds(1))
        var early = grant.want()
        guard case .refuse(early.turn, let refusal) = early.actions.first else {
            Issue.record("presented at once")
            return
        }
        // Nothing was sent this time, so that who asked may ask again.
        #expect(refusal.failureClass == .transient && refusal.retryAfter == .seconds(1))
        grant.pass(.seconds(1))
        #expect(try grant.fail(GrantFailures.gateway).failure.retryAfter == .seconds(120))
        grant.pass(.seconds(119))
        early = grant.want()
        #expect(early.actions.first != .begin(early.turn))
        grant.pass(.seconds(1))
        #expect(try grant.present().presentation.intent?.attempts == 3)
    }

    @Test("goes on with its successor, and what was unknown is known")
    func rotated() throws {
        var grant = GrantInTime.holding()
        try grant.fail(GrantFailures.lost)
        grant.pass(.seconds(1))
        let next = try grant.succeed("r2")
        #expect(next.sequence == 2 && next.refreshToken == Secret("r2"))
        #expect(next.renewedAt == grant.now.sinceEpoch && next.firstIssuedAt == GrantInTime.start.sinceEpoch)
        #expect(!grant.machine.hasUnknownOutcome)
        let (_, presentation) = try grant.present()
        #expect(presentation.grant == next)
        #expect(presentation.intent == RefreshIntent(sequence: 2, attempts: 1, since: grant.now.sinceEpoch))
    }

    @Test("stays as it is when the server gives no other, or the same", arguments: [nil, "r1"])
    func kept(refreshToken: String?) throws {
        var grant = GrantInTime.holding()
        let next = try grant.succeed(refreshToken)
        #expect(next.sequence == 1 && next.refreshToken == Secret("r1"))
    }

    @Test("that the server refuses is never presented again, and every request hears the server's words")
    func refused() throws {
        var grant = GrantInTime.holding()
        let time = grant.now.sinceEpoch
        let outcome = try grant.fail(GrantFailures.refused)
        let refusal = GrantRefusal(
            at: time,
            error: "invalid_grant",
            serverWords: "the refresh token was used before",
            serverStatus: 400
        )
        #expect(outcome.verdict == .refused(refusal))
        #expect(grant.report().standing == .refused(refusal))
        #expect(!grant.machine.isPresentable && grant.machine.useDue(now: grant.now) == nil)
        grant.pass(.seconds(86_400))
        let (turn, actions) = grant.want()
        #expect(actions == [.refuse(turn, GrantFailures.refused)])
        // A login is let through.
        let change = grant.want(.change)
        #expect(change.actions == [.begin(change.turn)])
        grant.machine.replaced(by: makeGrant("n1", lineage: "two"))
        #expect(grant.end(change.turn) == [])
        #expect(try grant.present().presentation.grant.refreshToken == Secret("n1"))
    }

    @Test("refused after another error keeps the first of the chain, until the server grants something")
    func chain() throws {
        var grant = GrantInTime.holding()
        try grant.fail(GrantFailures.misconfigured)
        grant.pass(.seconds(1))
        // No server looks at a refresh token that the client may not present.
        try grant.fail(TokenEndpointFailure(.configuration, error: "unauthorized_client", serverStatus: 400))
        grant.pass(.seconds(1))
        let time = grant.now.sinceEpoch
        try grant.fail(TokenEndpointFailure(.configuration, error: "invalid_request", serverStatus: 400))
        grant.pass(.seconds(1))
        try grant.fail(TokenEndpointFailure(.configuration, error: "invalid_scope", serverStatus: 400))
        grant.pass(.seconds(1))
        let first = EarlierFailure(error: "invalid_request", at: time)
        #expect(try grant.fail(GrantFailures.refused).failure.precededBy == first)
        #expect(grant.machine.obstacle?.precededBy == first)
        grant.machine.replaced(by: makeGrant("n1", lineage: "two"))
        try grant.fail(TokenEndpointFailure(.configuration, error: "invalid_request", serverStatus: 400))
        grant.pass(.seconds(1))
        try grant.succeed("n2")
        #expect(try grant.fail(GrantFailures.refused).failure.precededBy == nil)
    }

    @Test("refused after answers that never came keeps that history")
    func history() throws {
        var grant = GrantInTime.holding()
        let since = grant.now.sinceEpoch
        try grant.fail(GrantFailures.lost)
        grant.pass(.seconds(1))
        // This one changes nothing about the one before.
        #expect(try grant.fail(GrantFailures.unsent).verdict == .unknown)
        grant.pass(.seconds(2))
        let outcome = try grant.fail(GrantFailures.refused)
        let unanswered = UnansweredAttempts(count: 1, since: since, lastFailure: "reset_after_sending")
        #expect(outcome.failure.unanswered == unanswered)
        guard case .refused(let refusal) = outcome.verdict else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.unanswered == unanswered)
        #expect(TokenEndpointFailure(refusal).unanswered == unanswered)
    }

    @Test("with an open intent after a crash is presented as one whose outcome is unknown")
    func crashed() throws {
        var grant = GrantInTime()
        let since = grant.now.sinceEpoch - .seconds(3)
        let intent = RefreshIntent(sequence: 1, attempts: 1, since: since, lastFailure: nil)
        grant.machine.restored(makeGrant(), standing: .held, intent: intent)
        #expect(grant.machine.hasUnknownOutcome)
        #expect(try grant.present().presentation.intent?.attempts == 2)
        // An intent for a token before this one says nothing.
        grant.machine.restored(makeGrant("r2", sequence: 2), standing: .held, intent: intent)
        #expect(!grant.machine.hasUnknownOutcome)
    }

    @Test("from a backup waits for the operator's word")
    func restored() throws {
        var grant = GrantInTime()
        grant.machine.restored(makeGrant(), standing: .restored, intent: nil)
        let (turn, actions) = grant.want()
        #expect(actions == [.refuse(turn, TokenEndpointFailure(.loginRequired, .grantRestored))])
        grant.machine.trusted()
        #expect(try grant.present().presentation.grant == makeGrant())
    }

    @Test("that is in memory alone is not spent")
    func unsaved() throws {
        var grant = GrantInTime.holding()
        let next = try grant.succeed("r2")
        // Of an older one nothing follows.
        grant.machine.saveFailed(makeGrant())
        #expect(!grant.report().isUnsaved)
        grant.machine.saveFailed(next)
        #expect(grant.report().isUnsaved)
        let (turn, actions) = grant.want()
        guard case .refuse(turn, let failure) = actions.first else {
            Issue.record("presented")
            return
        }
        #expect(failure.localFault == .storeNotWritable && failure.failureClass == .transient)
        grant.machine.saved(next)
        #expect(try grant.present().presentation.grant == next)
    }

    @Test("that another login replaced in the midst keeps the new one, and gives the late token to be stored")
    func replacedInFlight() throws {
        var grant = GrantInTime.holding()
        let (turn, presentation) = try grant.present()
        let login = makeGrant("n1", lineage: "two")
        grant.machine.replaced(by: login)
        let verdict = grant.machine.granted(response("r2"), for: presentation, sent: grant.now)
        guard case .granted(let late) = verdict else {
            Issue.record("dropped")
            return
        }
        #expect(late.id.lineage == GrantLineage("one") && late.sequence == 2)
        #expect(grant.report().grant == login)
        // A refusal of the old one is none of the new one.
        let refusal = grant.machine.failed(GrantFailures.refused, of: presentation, spread: 0, now: grant.now)
        #expect(refusal.verdict == .unspent && refusal.failure.failureClass == .transient)
        _ = grant.end(turn)
        #expect(grant.machine.isPresentable)
    }
}

@Suite("A grant's life") struct GrantLifeTests {
    private static let day: Duration = .seconds(86_400)

    @Test("ends at the earliest end that is known, and what is counted from the first issue is never put off")
    func ends() throws {
        let begin = GrantInTime.start.sinceEpoch
        var grant = GrantInTime.holding(makeGrant(), GrantPolicy(lifetime: Self.day * 30, idle: Self.day * 7))
        #expect(grant.report().endsAt == begin + Self.day * 7)
        grant.pass(Self.day * 6)
        try grant.succeed("r2")
        #expect(grant.report().endsAt == begin + Self.day * 13)
        grant.pass(Self.day * 20)
        try grant.succeed("r3", expiresIn: Self.day * 2)
        #expect(grant.report().endsAt == begin + Self.day * 28)
        // Silence about the next one ends no earlier one's end.
        try grant.succeed("r4")
        #expect(grant.report().endsAt == begin + Self.day * 30)
    }

    @Test("is kept up at half of what it lives unused, and never for an end that nothing moves")
    func keepAlive() throws {
        let begin = GrantInTime.start.sinceEpoch
        #expect(GrantInTime.holding(makeGrant(), GrantPolicy(lifetime: Self.day)).useDue == nil)
        let idle = GrantInTime.holding(makeGrant(), GrantPolicy(lifetime: Self.day * 30, idle: Self.day * 4))
        #expect(idle.useDue == begin + Self.day * 2)
        var stated = GrantInTime.holding()
        try stated.succeed("r2", expiresIn: .seconds(1_800))
        #expect(stated.useDue == begin + .seconds(900))
        // A server that shortens what is left is not asked without end.
        try stated.succeed("r3", expiresIn: .seconds(4))
        #expect(stated.useDue == begin + GrantLife.shortestKeepAlive)
    }

    @Test(
        "is warned of in its last tenth, at most a week ahead",
        arguments: [(30, 27 * 24), (365, 358 * 24), (1, 24 * 9 / 10)]
    )
    func warning(days: Int, hoursUntil: Int) {
        var grant = GrantInTime.holding(makeGrant(), GrantPolicy(lifetime: Self.day * days))
        grant.pass(.seconds(hoursUntil * 3_600 - 3_600))
        #expect(!grant.report().isEnding)
        grant.pass(.seconds(7_200))
        #expect(grant.report().isEnding)
    }
}
