import OAuth2
import Testing
import TokenLifecycle

@Suite("The operator") struct OperatorTests {
    @Test("gets a new token at once, whatever is kept and whatever failed, but never two within a second")
    func refresh() {
        var slot = SlotInTime.holding(kept("a"))
        slot.pass(.milliseconds(200))
        #expect(slot.refresh(2) == [.timer(1)])
        slot.goTo(1)
        #expect(slot.fireTimer() == [.send(2), .timer(3_590.001)])
        #expect(slot.usable()?.value == Secret("a"))
        _ = slot.fail(invalidClient, 2)
        slot.goTo(1.5)
        #expect(slot.refresh(3) == [.timer(2)])
        // Who comes meanwhile and cannot be served waits for what comes of it.
        #expect(slot.ask(4, minTTL: .seconds(3_240)) == [.answer(4, kept("a"))])
        slot.goTo(2)
        #expect(slot.fireTimer().requests == [.send(3)])
        let new = kept("b", sent: slot.now)
        #expect(slot.receive(new, 3).answers == [.answer(3, new)])
        #expect(slot.report.state == .fresh)
    }

    @Test("joins the request that is under way")
    func joins() {
        var slot = SlotInTime()
        _ = slot.ask(1)
        #expect(slot.refresh(2) == [])
        let token = kept("a")
        #expect(slot.receive(token, 1) == [.publish(token), .answer(1, token), .answer(2, token), .timer(2_700)])
    }

    @Test("hears the failure, also when the token still serves")
    func hearsFailure() {
        var slot = SlotInTime.holding(kept("a"))
        slot.goTo(10)
        _ = slot.refresh(2)
        let told = FetchFailure.clientMisconfigured(invalidClient, retryAfter: .seconds(300))
        #expect(slot.fail(invalidClient, 2).answers == [.answer(2, told)])
        #expect(slot.usable() != nil && slot.report.state == .misconfigured)
    }

    @Test("who changed the configuration is not made to wait for the slow look")
    func configurationChanged() {
        var slot = SlotInTime(RefreshPolicy(keepWarm: .always))
        _ = slot.start()
        _ = slot.fail(invalidClient, 1)
        slot.goTo(10)
        #expect(slot.machine.configurationChanged(now: slot.now) == [.send(2), .cancelTimer])
        #expect(slot.report.state == .fetching && slot.report.lastFailure == nil)
        _ = slot.ask(5)
        let told = FetchFailure.clientMisconfigured(invalidClient, retryAfter: .seconds(300))
        #expect(slot.fail(invalidClient, 2).answers == [.answer(5, told)])
    }

    @Test("who changed the configuration while a request was under way has it tried again when that fails")
    func configurationChangedInFlight() {
        var slot = SlotInTime()
        _ = slot.ask(1)
        #expect(slot.machine.configurationChanged(now: slot.now) == [])
        let told = FetchFailure.clientMisconfigured(invalidClient, retryAfter: .seconds(1))
        #expect(slot.fail(invalidClient, 1) == [.answer(1, told), .timer(1)])
        #expect(slot.ask(2) == [])
        slot.goTo(1)
        #expect(slot.fireTimer() == [.send(2)])
        // Once.
        _ = slot.fail(invalidClient, 2)
        #expect(slot.nextAttempt == 301)
    }

    @Test("who changed the configuration of a client that nobody uses causes no request, but the next caller does")
    func configurationChangedCold() {
        var slot = SlotInTime(RefreshPolicy(keepWarm: .never))
        _ = slot.ask(1)
        _ = slot.fail(invalidClient, 1)
        slot.goTo(10)
        #expect(slot.machine.configurationChanged(now: slot.now) == [])
        #expect(slot.report.state == .idle)
        #expect(slot.ask(2) == [.send(2)])
    }

    @Test("sees a client that cannot be asked for as misconfigured, and it is tried when the configuration changes")
    func configurationBroken() {
        var slot = SlotInTime(RefreshPolicy(keepWarm: .always))
        let told = FetchFailure.clientMisconfigured(secretUnreadable, retryAfter: .seconds(300))
        #expect(slot.breakConfiguration() == [.timer(300)])
        #expect(slot.report.state == .misconfigured)
        #expect(slot.ask(1).answers == [.answer(1, told)])
        #expect(slot.machine.serverRecovered(now: slot.now) == [])
        #expect(slot.ask(2).answers == [.answer(2, told)])
        slot.goTo(20)
        #expect(slot.machine.configurationChanged(now: slot.now).requests == [.send(1)])
    }

    @Test("sees a request that was under way when its client broke count")
    func brokenUnderWay() {
        var slot = SlotInTime(RefreshPolicy(keepWarm: .always))
        _ = slot.start()
        _ = slot.ask(1)
        #expect(slot.breakConfiguration() == [])
        let token = kept("a")
        #expect(slot.receive(token, 1).answers == [.answer(1, token)])
        #expect(slot.report.state == .fresh)
    }

    @Test("sees a broken client tried now and then, the less often the longer it is broken")
    func brokenForLong() {
        var slot = SlotInTime(RefreshPolicy(keepWarm: .always))
        var at = 0.0
        _ = slot.breakConfiguration()
        for (attempt, delay) in zip((1 as UInt64)..., [300.0, 600, 1_200, 2_400, 3_600, 3_600]) {
            #expect(slot.nextAttempt == at + delay)
            at += delay
            slot.goTo(at)
            #expect(slot.fireTimer() == [.send(attempt)])
            _ = slot.fail(secretUnreadable, attempt)
        }
    }

    @Test("sees a broken client's kept token serve on")
    func brokenButServing() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        #expect(slot.breakConfiguration() == [.timer(90.001)])
        #expect(slot.usable() != nil && slot.report.serving && slot.report.state == .misconfigured)
        slot.goTo(80)
        #expect(slot.serve() == [])
    }

    @Test("has a broken client tried on his word, for the secret may be readable again")
    func brokenTried() {
        var slot = SlotInTime()
        _ = slot.breakConfiguration()
        #expect(slot.refresh(1) == [.send(1)])
        let told = FetchFailure.clientMisconfigured(secretUnreadable, retryAfter: .seconds(600))
        #expect(slot.fail(secretUnreadable, 1) == [.answer(1, told)])
    }
}
