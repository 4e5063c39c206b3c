import OAuth2
import Testing
import TokenLifecycle

@Suite("A failure") struct FailureTests {
    /// A slot that nobody could be served from yet, and whose first request failed at the start.
    private func failed(
        _ failure: TokenEndpointFailure,
        _ policy: RefreshPolicy = RefreshPolicy(keepWarm: .always)
    ) -> SlotInTime {
        var slot = SlotInTime(policy)
        _ = slot.start()
        if !slot.machine.isCurrent(Generation(1)) { _ = slot.ask(1) }
        _ = slot.fail(failure, 1)
        return slot
    }

    @Test(
        "is told to callers at once, by its class, with the time until the next attempt",
        arguments: [
            (refused, .temporarilyUnavailable(retryAfter: .milliseconds(1_000), refused)),
            (badGateway, .temporarilyUnavailable(retryAfter: .milliseconds(1_000), badGateway)),
            (html, .temporarilyUnavailable(retryAfter: .milliseconds(4_750), html)),
            (invalidClient, .clientMisconfigured(invalidClient, retryAfter: .milliseconds(299_750))),
            (loginNeeded, .loginRequired(loginNeeded)),
        ] as [(TokenEndpointFailure, FetchFailure)]
    )
    func toldAtOnce(failure: TokenEndpointFailure, told: FetchFailure) {
        var slot = failed(failure)
        slot.pass(.milliseconds(250))
        #expect(slot.ask(2).answers == [.answer(2, told)])
        #expect(slot.report.waiters == 0)
    }

    @Test("is retried at the pace of the backoff, whatever callers do, until it ends")
    func retried() {
        var slot = failed(refused)
        var at = 0.0
        for (attempt, delay) in [1.0, 2, 4, 8, 16, 32, 60, 60].enumerated() {
            #expect(slot.nextAttempt == at + delay)
            slot.goTo(at + delay / 2)
            #expect(slot.ask(100 + UInt64(attempt)).requests == [])
            slot.goTo(at + delay)
            #expect(slot.fireTimer() == [.send(UInt64(attempt) + 2)])
            at += delay
            _ = slot.fail(refused, UInt64(attempt) + 2)
        }
        slot.pass(.seconds(60))
        #expect(slot.fireTimer() == [.send(10)])
        let token = kept("a", sent: slot.now)
        #expect(slot.receive(token, 10).first == .publish(token))
        #expect(slot.report.state == .fresh && slot.report.lastFailure == nil)
    }

    @Test("of another kind begins its own backoff; of a like kind it goes on")
    func kinds() {
        var slot = failed(refused)
        slot.goTo(1)
        _ = slot.fireTimer()
        #expect(slot.fail(badGateway, 2) == [.timer(3)])
        slot.goTo(3)
        _ = slot.fireTimer()
        #expect(slot.fail(invalidClient, 3) == [.timer(303)])
        slot.goTo(303)
        _ = slot.fireTimer()
        #expect(slot.fail(refused, 4) == [.timer(304)])
    }

    @Test("stands while a retry is under way: nobody waits for what may be a time-out")
    func standsDuringRetry() {
        var slot = failed(refused)
        slot.goTo(1)
        _ = slot.fireTimer()
        slot.goTo(20)
        let told = FetchFailure.temporarilyUnavailable(retryAfter: .seconds(1), refused)
        #expect(slot.ask(2).answers == [.answer(2, told)])
        #expect(slot.report.state == .expired && !slot.report.serving)
    }

    @Test("of long ago, after which nobody tried, is no answer: the caller waits for a new attempt")
    func history() {
        let policy = RefreshPolicy(keepWarm: .during(.seconds(30)))
        var slot = SlotInTime(policy)
        _ = slot.ask(1)
        _ = slot.fail(invalidClient, 1)
        slot.goTo(300)
        #expect(slot.fireTimer() == [])
        #expect(slot.report.nextAttemptAt == nil)
        slot.goTo(4_000)
        #expect(slot.ask(2).requests == [.send(2)])
        #expect(slot.ask(3) == [])
        let token = kept("a", sent: slot.now)
        #expect(slot.receive(token, 2).answers == [.answer(2, token), .answer(3, token)])
    }

    @Test("that only a login ends is not retried, until the operator's word")
    func loginRequired() {
        var slot = failed(loginNeeded)
        #expect(slot.report.state == .loginRequired && slot.report.nextAttemptAt == nil)
        slot.goTo(100_000)
        #expect(slot.fireTimer() == [])
        #expect(slot.ask(2).requests == [])
        #expect(slot.machine.configurationChanged(now: slot.now) == [])
        #expect(slot.machine.serverRecovered(now: slot.now) == [])
        #expect(slot.refresh(3) == [.send(2)])
        #expect(slot.ask(4) == [])
        let token = kept("a", sent: slot.now)
        #expect(slot.receive(token, 2).answers == [.answer(3, token), .answer(4, token)])
        #expect(slot.report.state == .fresh)
    }

    @Test("comes back no later than half of the time that the token still serves, and never within a second")
    func hurried() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        var at = 75.0
        for (attempt, next) in [76.0, 78, 82, 86, 88, 89, 90].enumerated() {
            slot.goTo(at)
            #expect(slot.fireTimer().requests == [.send(UInt64(attempt) + 2)])
            #expect(slot.death == 90)
            _ = slot.fail(refused, UInt64(attempt) + 2)
            #expect(slot.nextAttempt == next)
            at = next
        }
        slot.goTo(90.001)
        #expect(!slot.report.serving && slot.report.state == .expired)
    }

    @Test("of the configuration does not hurry: asking sooner does not help")
    func configurationDoesNotHurry() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        slot.goTo(75)
        _ = slot.fireTimer()
        _ = slot.fail(invalidClient, 2)
        #expect(slot.nextAttempt == 375)
        #expect(slot.report.state == .misconfigured && slot.report.serving)
    }

    @Test(
        "with a Retry-After is left alone for so long, an hour at most",
        arguments: [(30, 30), (0, 1), (86_400, 3_600)] as [(Double, Double)]
    )
    func retryAfter(stated: Double, wait: Double) {
        let throttled = TokenEndpointFailure(
            .transient,
            error: "slow",
            serverStatus: 429,
            retryAfter: .seconds(stated)
        )
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        slot.goTo(75)
        _ = slot.fireTimer()
        _ = slot.fail(throttled, 2)
        #expect(slot.nextAttempt == 75 + wait)
        // Another client's success does not undo what the server asked of this one.
        let actions = slot.machine.serverRecovered(now: slot.now)
        #expect(actions.requests == [])
        #expect(slot.nextAttempt == 75 + max(1, min(stated, 3_600)))
    }

    @Test("that may pass ends when another client of the server succeeds, a second after the attempt at the soonest")
    func serverRecovered() {
        var slot = failed(refused)
        for attempt in 2...7 {
            slot.pass(.seconds(100))
            _ = slot.fireTimer()
            _ = slot.fail(refused, UInt64(attempt))
        }
        slot.pass(.milliseconds(500))
        #expect(slot.machine.serverRecovered(now: slot.now) == [.timer(600 + 1)])
        #expect(slot.ask(9) == [.recordLastAsked(slot.now)])
        slot.pass(.milliseconds(500))
        #expect(slot.fireTimer() == [.send(8)])
        #expect(slot.machine.serverRecovered(now: slot.now) == [])
        let told = FetchFailure.temporarilyUnavailable(retryAfter: .seconds(1), refused)
        #expect(slot.fail(refused, 8) == [.answer(9, told), .timer(602)])
        // It outlasted that: what ails it is its own, until it succeeds.
        #expect(slot.machine.serverRecovered(now: slot.now) == [])
        #expect(slot.nextAttempt == 602)
    }

    @Test("that is met again stands back as long as it was met from the turns of others, an hour at most")
    func standsBack() {
        var slot = failed(refused)
        let since = slot.now.sinceBoot
        #expect(slot.machine.turnDue(now: slot.now) == since)
        // Time in which nothing was tried says nothing.
        slot.pass(.seconds(100))
        #expect(slot.machine.turnDue(now: slot.now) == slot.now.sinceBoot)
        _ = slot.fireTimer()
        _ = slot.fail(refused, 2)
        #expect(slot.machine.turnDue(now: slot.now) == since + .seconds(200))
        slot.pass(.seconds(10_000))
        _ = slot.fireTimer()
        _ = slot.fail(refused, 3)
        #expect(slot.machine.turnDue(now: slot.now) == since + .seconds(10_100 + 3_600))
    }

    @Test("does not stand back for whom a person waits")
    func waitedFor() {
        var slot = failed(refused)
        slot.pass(.seconds(100))
        _ = slot.fireTimer()
        _ = slot.fail(refused, 2)
        _ = slot.machine.operatorAskedForRefresh(waiter: WaiterID(9), now: slot.now)
        #expect(slot.machine.turnDue(now: slot.now) == nil)
    }

    @Test("that outlasted another client's success is tried again at a later one, a minute after at the soonest")
    func flapping() {
        var slot = failed(refused)
        slot.pass(.seconds(100))
        _ = slot.fireTimer()
        _ = slot.fail(refused, 2)
        #expect(!slot.machine.serverRecovered(now: slot.now).isEmpty)
        slot.pass(.seconds(1))
        _ = slot.fireTimer()
        _ = slot.fail(refused, 3)
        slot.pass(.seconds(58))
        #expect(slot.machine.serverRecovered(now: slot.now) == [])
        slot.pass(.seconds(1))
        #expect(!slot.machine.serverRecovered(now: slot.now).isEmpty)
    }

    @Test("of a slot that nobody uses wakes nobody when the server is back")
    func serverRecoveredCold() {
        var slot = SlotInTime(RefreshPolicy(keepWarm: .never))
        _ = slot.ask(1)
        _ = slot.fail(refused, 1)
        slot.pass(.seconds(10))
        #expect(slot.machine.serverRecovered(now: slot.now) == [])
    }
}
