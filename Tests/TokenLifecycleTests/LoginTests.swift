import OAuth2
import Testing
import TokenLifecycle

@Suite("A login's token") struct LoginTests {
    @Test("is served at once, without a request, and refreshed like any")
    func served() {
        var slot = SlotInTime()
        _ = slot.start()
        let token = kept("a", lifetime: .seconds(100))
        #expect(slot.machine.tokenBrought(token, now: slot.now).first == .publish(token))
        #expect(slot.usable() != nil && slot.report.state == .fresh)
        #expect(!slot.report.isAttemptUnderWay)
    }

    @Test("overtakes the request that waits for its turn, and answers who waits for that")
    func overtaking() {
        var slot = SlotInTime()
        _ = slot.start()
        _ = slot.ask(1)
        #expect(slot.machine.isCurrent(Generation(1)))
        let actions = slot.machine.tokenBrought(kept("a", lifetime: .seconds(100)), now: slot.now)
        #expect(actions.contains { if case .answer(_, .token) = $0 { true } else { false } })
        #expect(!slot.machine.isCurrent(Generation(1)) && !slot.report.isAttemptUnderWay)
        #expect(slot.receive(kept("late", lifetime: .seconds(100)), 1) == [.discardedStaleAnswer(Generation(1))])
    }

    @Test("of another account withdraws what the one before brought")
    func replaced() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        slot.pass(.seconds(5))
        let actions = slot.machine.accountReplaced(now: slot.now)
        #expect(actions.first == .withdraw)
        #expect(slot.usable() == nil)
        #expect(slot.report.isAttemptUnderWay)
    }

    @Test("of another account takes the place of what was served even where it is over when it comes")
    func uselessOfAnother() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        let short = kept("b", lifetime: .seconds(3))
        slot.pass(.seconds(5))
        let actions = slot.machine.tokenBrought(short, isAnotherAccount: true, now: slot.now)
        #expect(actions.first == .withdraw)
        #expect(slot.usable() == nil)
    }

    @Test("is nothing to a slot that is gone")
    func removed() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        _ = slot.machine.removed()
        #expect(slot.machine.tokenBrought(kept("b", lifetime: .seconds(100)), now: slot.now) == [])
        #expect(slot.machine.accountReplaced(now: slot.now) == [])
    }
}
