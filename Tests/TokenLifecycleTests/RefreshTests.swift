import OAuth2
import Testing
import TokenLifecycle

@Suite("A refresh") struct RefreshTests {
    @Test("comes ahead of the token's end, at the age drawn when it arrived, and nobody waits for it")
    func ahead() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        #expect(slot.nextAttempt == 75)
        slot.goTo(74.999)
        #expect(slot.fireTimer() == [.timer(75)])
        slot.goTo(75)
        #expect(slot.fireTimer() == [.send(2), .timer(90.001)])
        #expect(slot.report.state == .refreshing && slot.report.isAttemptUnderWay && slot.report.nextAttemptAt == nil)
        #expect(slot.usable() != nil)
        #expect(slot.serve() == [])
    }

    @Test("is sent by a caller's fetch when its timer is late")
    func lateTimer() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        slot.goTo(80)
        #expect(slot.serve() == [.send(2), .timer(90.001)])
    }

    @Test("does not come while the slot is cold; the caller who then fetches is served, and warms it")
    func coldSlot() {
        let policy = RefreshPolicy(keepWarm: .during(.seconds(60)))
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)), policy)
        slot.goTo(75)
        #expect(slot.fireTimer() == [.timer(90.001)])
        #expect(!slot.report.isWarm && slot.report.state == .fresh && slot.report.nextAttemptAt == nil)
        slot.goTo(80)
        #expect(slot.serve() == [.send(2)])
        #expect(slot.report.isWarm)
    }

    @Test("is planned again when a caller fetches from a cold slot before it is due")
    func coldSlotBeforeDue() {
        var slot = SlotInTime(kept: kept("a", lifetime: .seconds(100)))
        #expect(slot.start() == [.timer(90.001)])
        slot.goTo(10)
        #expect(slot.serve() == [.recordLastAsked(slot.now), .timer(75)])
    }

    @Test("never comes ahead where the operator wants none")
    func never() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)), RefreshPolicy(keepWarm: .never))
        slot.goTo(80)
        #expect(slot.serve() == [])
        slot.goTo(90.001)
        #expect(slot.fireTimer() == [.timer(99.001)])
        #expect(slot.ask(2) == [.send(2)])
    }

    @Test("of the same token comes again when the token is about to be needed, not before")
    func sameToken() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(3_600)))
        slot.goTo(2_700)
        _ = slot.fireTimer()
        let again = kept("a", lifetime: .seconds(900), sent: slot.now)
        #expect(slot.receive(again, 2) == [.publish(again), .timer(3_580)])
        // At 3,600 - 2 x 10 s; then 20 s are left, and the margin is a tenth of them.
        slot.goTo(3_580)
        #expect(slot.fireTimer().requests == [.send(3)])
        let tail = kept("a", lifetime: .seconds(20), sent: slot.now)
        #expect(slot.receive(tail, 3) == [.publish(tail), .timer(3_596)])
        slot.goTo(3_596)
        #expect(slot.fireTimer().requests == [.send(4)])
        let new = kept("b", lifetime: .seconds(3_600), sent: slot.now)
        #expect(slot.receive(new, 4) == [.publish(new), .timer(3_596 + 2_700)])
    }

    @Test("of a token that is sent again with its old lifetime comes when that is about to end")
    func sameTokenExtended() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(1_000)))
        slot.goTo(750)
        _ = slot.fireTimer()
        let again = kept("a", lifetime: .seconds(1_000), sent: slot.now)
        #expect(slot.receive(again, 2) == [.publish(again), .timer(1_730)])
    }

    @Test("in the token's last second, when the server calls its lifetime 0, does not make it live on")
    func sameTokenCalledZero() {
        let policy = RefreshPolicy(keepWarm: .during(.seconds(1_000)))
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(30)), policy)
        slot.goTo(29.2)
        #expect(slot.ask(7) == [.withdraw, .send(2), .cancelTimer])
        // expires_in 0: read as not stated, the default lifetime.
        let undead = kept("a", lifetime: policy.lifetime(stated: .zero), sent: slot.now)
        #expect(slot.receive(undead, 2) == [.timer(30.2)])
        #expect(slot.usable(.zero) == nil && slot.report.waiters == 1)
        slot.goTo(30.2)
        #expect(slot.fireTimer() == [.send(3)])
        let new = kept("b", lifetime: .seconds(30), sent: slot.now)
        #expect(slot.receive(new, 3) == [.publish(new), .answer(7, new), .timer(52.7)])
    }

    @Test("in the token's last second, on the operator's word after a refusal, goes on to the next token")
    func calledZeroAfterRefusal() {
        let policy = RefreshPolicy(keepWarm: .never)
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(30)), policy)
        slot.goTo(28)
        _ = slot.refresh()
        _ = slot.fail(loginNeeded, 2)
        slot.goTo(29.2)
        #expect(slot.refresh(7).requests == [.send(3)])
        let undead = kept("a", lifetime: policy.lifetime(stated: .zero), sent: slot.now)
        // Nothing but the failure of before would keep who waits from the next attempt.
        #expect(slot.receive(undead, 3) == [.timer(30.2)])
        #expect(slot.report.lastFailure == nil && slot.report.waiters == 1)
        slot.goTo(30.2)
        #expect(slot.fireTimer() == [.send(4)])
        let new = kept("b", lifetime: .seconds(30), sent: slot.now)
        #expect(slot.receive(new, 4).answers == [.answer(7, new)])
    }

    @Test("that brings a token which has been over for long, called without lifetime, has failed")
    func deadToken() {
        let policy = RefreshPolicy(keepWarm: .during(.seconds(1_000)))
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(30)), policy)
        slot.goTo(40)
        #expect(slot.ask(7) == [.withdraw, .send(2), .cancelTimer])
        let undead = kept("a", lifetime: policy.lifetime(stated: .zero), sent: slot.now)
        let actions = slot.receive(undead, 2)
        let failure = TokenEndpointFailure(.transient, error: "token_expired_on_arrival")
        #expect(actions.answers == [.answer(7, .temporarilyUnavailable(retryAfter: .seconds(1), failure))])
        #expect(slot.usable(.zero) == nil)
    }
}

@Suite("Demand") struct DemandTests {
    @Test("is recorded at most hourly, and keeps the slot warm for as long as the operator says")
    func hourly() {
        let policy = RefreshPolicy(keepWarm: .during(.seconds(7_200)))
        var slot = SlotInTime.holding(kept("a", lifetime: nil), policy)
        slot.pass(.milliseconds(3_599_999))
        #expect(slot.serve() == [])
        slot.pass(.milliseconds(1))
        #expect(slot.serve() == [.recordLastAsked(slot.now)])
        #expect(slot.serve() == [])
        #expect(slot.machine.lastAsked == slot.now)
        slot.pass(.milliseconds(7_199_999))
        #expect(slot.report.isWarm)
        slot.pass(.milliseconds(1))
        #expect(!slot.report.isWarm)
    }

    @Test("of before a restart is not recorded again within the hour")
    func overRestart() {
        var slot = SlotInTime(kept: kept("a"), lastAsked: SlotInTime.start.advanced(by: .seconds(-3_000)))
        _ = slot.start()
        slot.pass(.seconds(599))
        #expect(slot.serve() == [])
        slot.pass(.seconds(1))
        #expect(slot.serve() == [.recordLastAsked(slot.now)])
    }

    @Test("comes from callers, not from the operator")
    func operatorIsNoCaller() {
        var slot = SlotInTime()
        #expect(slot.refresh(1) == [.send(1)])
        #expect(slot.machine.lastAsked == nil)
        let token = kept("a")
        #expect(slot.receive(token, 1) == [.publish(token), .answer(1, token), .timer(3_590.001)])
        #expect(!slot.report.isWarm)
    }

    @Test("of a token that is called zero at its end is told from one whose lifetime nobody ever stated")
    func statedAsAssumed() {
        func token(_ value: String, at seconds: Double, isStated: Bool) -> KeptToken {
            var token = kept(value, sent: SlotInTime.start.advanced(by: exactly(seconds)))
            token.isLifetimeStated = isStated
            return token
        }
        // The server states just what the configuration assumes, and 0 in the last second.
        var slot = SlotInTime(RefreshPolicy(keepWarm: .never))
        _ = slot.ask(1)
        _ = slot.receive(token("a", at: 0, isStated: true), 1)
        slot.goTo(3_599)
        _ = slot.ask(2)
        #expect(
            !slot.receive(token("a", at: 3_599, isStated: false), 2).contains(
                .publish(token("a", at: 3_599, isStated: false))
            )
        )
        #expect(slot.usable() == nil)

        // A server that never says gives its token for as long again.
        var silent = SlotInTime(RefreshPolicy(keepWarm: .never))
        _ = silent.ask(1)
        _ = silent.receive(token("a", at: 0, isStated: false), 1)
        silent.goTo(3_599)
        _ = silent.ask(2)
        #expect(
            silent.receive(token("a", at: 3_599, isStated: false), 2).contains(
                .publish(token("a", at: 3_599, isStated: false))
            )
        )
    }
}
