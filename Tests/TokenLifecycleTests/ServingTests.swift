import OAuth2
import Testing
import TokenLifecycle

@Suite("A kept token") struct ServingTests {
    @Test(
        "serves while at least min_ttl is left, by default 10 s or a tenth of its lifetime, and never its last second",
        arguments: [
            (3_600, nil, 3_590), (3_600, 60, 3_540), (3_600, 0, 3_599), (3_600, 1, 3_599), (100, nil, 90),
            (30, nil, 27), (30, 20, 10), (5, nil, 4), (3, nil, 2),
        ] as [(Double, Double?, Double)]
    )
    func servedUntil(lifetime: Double, minTTL: Double?, end: Double) {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(lifetime)))
        let minTTL = minTTL.map(exactly)
        slot.goTo(end)
        #expect(slot.usable(minTTL) != nil)
        slot.pass(.milliseconds(1))
        #expect(slot.usable(minTTL) == nil)
    }

    @Test("counts its lifetime from the moment its request was sent, not from its arrival")
    func countsFromSending() {
        var slot = SlotInTime()
        _ = slot.ask(1)
        slot.pass(.seconds(5))
        _ = slot.receive(kept("a", lifetime: .seconds(30)), 1)
        #expect(slot.machine.remainingLife(now: slot.now) == .seconds(25))
        #expect(slot.report.expiresAt == SlotInTime.start.sinceEpoch + .seconds(30))
    }

    @Test("serves for ever where it does not expire")
    func unending() {
        var slot = SlotInTime.holding(kept("a", lifetime: nil))
        slot.pass(.seconds(86_400 * 4_000))
        #expect(slot.usable(.seconds(86_400)) != nil)
        #expect(slot.machine.remainingLife(now: slot.now) == nil)
        #expect(slot.serve() == [.recordLastAsked(slot.now)])
        #expect(slot.report.state == .fresh && slot.report.diesAt == nil && slot.report.nextAttemptAt == nil)
    }

    @Test("is withdrawn at its end, by the timer that was set for it")
    func withdrawn() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)), RefreshPolicy(keepWarm: .never))
        slot.goTo(90.001)
        #expect(slot.fireTimer() == [.timer(99.001)])
        #expect(!slot.report.serving)
        slot.goTo(99.001)
        #expect(slot.fireTimer() == [.withdraw])
        #expect(slot.usable(.zero) == nil)
        #expect(slot.fireTimer() == [])
    }

    @Test(
        "of two seconds or less answers who waited, once, and is not kept",
        arguments: [1, 2] as [Double]
    )
    func uncached(lifetime: Double) {
        var slot = SlotInTime(RefreshPolicy(keepWarm: .always))
        #expect(slot.start() == [.send(1)])
        #expect(slot.ask(1) == [.recordLastAsked(slot.now)])
        #expect(slot.ask(2) == [])
        let token = kept("a", lifetime: .seconds(lifetime))
        #expect(slot.receive(token, 1) == [.answer(1, token), .answer(2, token)])
        #expect(slot.usable(.zero) == nil)
        // Not even a slot that is always warm asks ahead for what is over before it is needed.
        #expect(slot.report.state == .idle && slot.report.nextAttemptAt == nil)
        slot.pass(.milliseconds(400))
        #expect(slot.ask(3) == [.timer(1)])
        slot.goTo(1)
        #expect(slot.fireTimer() == [.send(2)])
    }

    @Test("that was over when it came fails as the server's failure, and the old one serves on")
    func overOnArrival() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        slot.goTo(75)
        #expect(slot.fireTimer() == [.send(2), .timer(90.001)])
        #expect(slot.ask(7, minTTL: .seconds(60)) == [])
        let late = kept("b", lifetime: .seconds(10), sent: slot.now)
        slot.goTo(84.5)
        let actions = slot.receive(late, 2)
        let failure = TokenEndpointFailure(.transient, error: "token_expired_on_arrival")
        #expect(actions.answers == [.answer(7, .temporarilyUnavailable(retryAfter: .seconds(1), failure))])
        #expect(slot.usable()?.value == Secret("a"))
        #expect(slot.report.state == .retrying)
    }

    @Test("replaces the one before, and all later callers get the new one")
    func replaced() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        slot.goTo(75)
        _ = slot.fireTimer()
        #expect(slot.usable()?.value == Secret("a"))
        let new = kept("b", lifetime: .seconds(100), sent: slot.now)
        #expect(slot.receive(new, 2) == [.publish(new), .timer(150)])
        #expect(slot.usable() == new.token)
    }
}
