import OAuth2
import Testing
import TokenLifecycle

@Suite("A token that a caller was refused with") struct RejectionTests {
    /// A slot whose token `a` is a hundred seconds old.
    private func holding(_ policy: RefreshPolicy = RefreshPolicy()) -> SlotInTime {
        var slot = SlotInTime.holding(kept("a"), policy)
        slot.goTo(100)
        return slot
    }

    @Test("is asked for anew at once, and served until there is another")
    func replaced() {
        var slot = holding()
        let heard = slot.reject("a")
        #expect(heard.outcome == .refreshing)
        #expect(heard.actions == [.send(2), .timer(3_590.001)])
        #expect(slot.usable()?.value == Secret("a") && slot.report.state == .refreshing)
        let new = kept("b", sent: slot.now)
        #expect(slot.receive(new, 2) == [.publish(new), .timer(2_800)])
    }

    @Test("by a thousand callers is asked for once, and their reports leave no trace")
    func singleFlight() {
        var slot = holding()
        #expect(slot.reject("a").outcome == .refreshing)
        for _ in 0..<1_000 {
            let heard = slot.reject("a")
            #expect(heard.outcome == .alreadyUnderWay && heard.actions == [])
        }
        _ = slot.receive(kept("b", sent: slot.now), 2)
        // They were refused with what is gone.
        #expect(slot.reject("a").outcome == .notCurrent)
    }

    @Test("is asked for no sooner than a second after it came, once")
    func floor() {
        var slot = SlotInTime.holding(kept("a"))
        slot.goTo(0.25)
        let heard = slot.reject("a")
        #expect(heard.outcome == .refreshing && heard.actions == [.timer(1)])
        #expect(slot.reject("a").outcome == .alreadyUnderWay)
        slot.goTo(1)
        #expect(slot.fireTimer().requests == [.send(2)])
    }

    @Test("is nothing to a slot that does not serve it", arguments: ["", "b", "A", "aa", "a "])
    func notCurrent(value: String) {
        var slot = holding()
        let heard = slot.reject(value)
        #expect(heard.outcome == .notCurrent && heard.actions == [])
        #expect(slot.report.state == .fresh)
    }

    @Test("is nothing to a slot without a token, with one that is over, or that is gone")
    func noToken() {
        var slot = SlotInTime()
        #expect(slot.reject("a").outcome == .notCurrent)
        slot = holding()
        slot.goTo(3_599.5)
        #expect(slot.reject("a").outcome == .notCurrent)
        slot = holding()
        _ = slot.machine.removed()
        #expect(slot.reject("a").outcome == .notCurrent && slot.reject("a").actions == [])
    }

    @Test("in the last seconds of its life, when others are not served any more, is still a slot's own")
    func nearItsEnd() {
        var slot = SlotInTime.holding(kept("a"), RefreshPolicy(keepWarm: .never))
        slot.goTo(3_595)
        #expect(slot.usable() == nil && slot.usable(.zero) != nil)
        #expect(slot.reject("a").outcome == .refreshing)
    }

    @Test("is replaced once a minute, whatever its value")
    func onceAMinute() {
        var slot = holding()
        _ = slot.reject("a")
        slot.goTo(101)
        _ = slot.receive(kept("b", sent: slot.now), 2)
        for second in [102.0, 130, 159.999] {
            slot.goTo(second)
            let heard = slot.reject("b")
            #expect(heard.outcome == .tooSoon && heard.actions == [])
        }
        slot.goTo(160)
        #expect(slot.reject("b").actions.requests == [.send(3)])
    }

    @Test("and is given again is not asked for any more, until there is another")
    func givenAgain() {
        var slot = holding()
        _ = slot.reject("a")
        let again = kept("a", lifetime: .seconds(3_500), sent: slot.now)
        _ = slot.receive(again, 2)
        for second in [101.0, 1_000, 3_500] {
            slot.goTo(second)
            let heard = slot.reject("a")
            #expect(heard.outcome == .sameTokenAgain && heard.actions == [])
        }
        slot.goTo(3_580)
        #expect(slot.fireTimer().requests == [.send(3)])
        _ = slot.receive(kept("b", sent: slot.now), 3)
        slot.goTo(3_700)
        #expect(slot.reject("b").actions.requests == [.send(4)])
    }

    @Test("and was given again before anybody reported it is asked for once all the same: it may be revoked since")
    func givenAgainBefore() {
        var slot = SlotInTime.holding(kept("a"))
        slot.goTo(2_700)
        _ = slot.fireTimer()
        _ = slot.receive(kept("a", lifetime: .seconds(900), sent: slot.now), 2)
        slot.goTo(2_800)
        #expect(slot.reject("a").actions.requests == [.send(3)])
        _ = slot.receive(kept("a", lifetime: .seconds(800), sent: slot.now), 3)
        slot.goTo(2_900)
        #expect(slot.reject("a").outcome == .sameTokenAgain)
    }

    @Test("that never expires and is given again is left to the operator")
    func forEver() {
        var slot = SlotInTime.holding(kept("a", lifetime: nil))
        slot.goTo(100)
        _ = slot.reject("a")
        _ = slot.receive(kept("a", lifetime: nil, sent: slot.now), 2)
        slot.goTo(10_000_000)
        #expect(slot.reject("a").outcome == .sameTokenAgain)
        #expect(slot.refresh(2).requests == [.send(3)])
    }

    @Test("and whose refresh fails serves on, and is retried as after a planned refresh, by nobody's word")
    func failure() {
        var slot = holding()
        _ = slot.reject("a")
        #expect(slot.fail(refused, 2) == [.timer(101)])
        #expect(slot.usable()?.value == Secret("a") && slot.report.state == .retrying)
        for second in [100.0, 100.5, 100.999] {
            slot.goTo(second)
            let heard = slot.reject("a")
            #expect(heard.outcome == .serverLeftAlone && heard.actions == [])
        }
        // The same attempts at the same times as when nobody reports.
        var at = 101.0
        for (attempt, delay) in zip((3 as UInt64)..., [2.0, 4, 8, 16, 32, 60, 60]) {
            slot.goTo(at)
            #expect(slot.fireTimer().requests == [.send(attempt)])
            #expect(slot.reject("a").outcome == .alreadyUnderWay)
            _ = slot.fail(refused, attempt)
            #expect(slot.reject("a").outcome == .serverLeftAlone)
            at += delay
            #expect(slot.nextAttempt == at)
        }
    }

    /// What the latest attempt met, and until when reports are to no purpose; nil: for good.
    struct Standing: Sendable {
        let failure: TokenEndpointFailure
        let until: Double?
    }

    @Test(
        "forces nothing while a failure stands that calls for patience or a person",
        arguments: [
            Standing(failure: refused, until: 101),
            Standing(failure: html, until: 105),
            Standing(
                failure: TokenEndpointFailure(.transient, error: "slow", serverStatus: 429, retryAfter: .seconds(600)),
                until: 700
            ),
            Standing(failure: invalidClient, until: 400),
            Standing(failure: loginNeeded, until: nil),
            Standing(failure: TokenEndpointFailure(.halted, error: "locked"), until: nil),
        ]
    )
    func standing(standing: Standing) {
        // Never asked ahead, so that nothing else ends the failure.
        var slot = holding(RefreshPolicy(keepWarm: .never))
        _ = slot.refresh()
        _ = slot.fail(standing.failure, 2)
        for second in [100, (standing.until ?? 3_500) - 0.001] {
            slot.goTo(second)
            let heard = slot.reject("a")
            #expect(heard.outcome == .serverLeftAlone && heard.actions == [])
        }
        guard let until = standing.until else { return }
        slot.goTo(until)
        #expect(slot.reject("a").actions.requests == [.send(3)])
    }

    @Test("by a caller beyond its limit is left as it is, and others may still report it")
    func callerLimit() {
        var slot = holding()
        let heard = slot.reject("a", mayForce: false)
        #expect(heard.outcome == .callerLimit && heard.actions == [])
        #expect(slot.reject("a").outcome == .refreshing)
        // What needs no leave is told to such a caller too.
        #expect(slot.reject("a", mayForce: false).outcome == .alreadyUnderWay)
        #expect(slot.reject("b", mayForce: false).outcome == .notCurrent)
    }

    @Test("is in use: the report that counts keeps the slot warm, and no other does")
    func demand() {
        var slot = SlotInTime.holding(
            kept("a", lifetime: .seconds(86_400)),
            RefreshPolicy(keepWarm: .during(.seconds(60)))
        )
        slot.goTo(7_200)
        #expect(!slot.report.isWarm)
        _ = slot.reject("b")
        _ = slot.reject("a", mayForce: false)
        #expect(!slot.report.isWarm)
        let heard = slot.reject("a")
        #expect(heard.actions.contains(.recordLastAsked(slot.now)) && slot.report.isWarm)
        // It failed, and is tried again for who uses it.
        _ = slot.fail(refused, 2)
        #expect(slot.nextAttempt == 7_201)
    }

    @Test("does not spend what a min_ttl may force")
    func minTTL() {
        var slot = holding()
        _ = slot.reject("a")
        _ = slot.receive(kept("b", sent: slot.now), 2)
        slot.goTo(500)
        #expect(slot.ask(2, minTTL: .seconds(3_240)).requests == [.send(3)])
    }

    @Test("is a new start's own: what was reported before is not remembered")
    func restart() {
        var slot = SlotInTime(kept: kept("a", sent: SlotInTime.start))
        _ = slot.start()
        slot.goTo(5)
        #expect(slot.reject("a").actions.requests == [.send(1)])
    }
}
