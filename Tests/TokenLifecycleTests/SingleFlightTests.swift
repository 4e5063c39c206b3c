import OAuth2
import Testing
import TokenLifecycle

@Suite("Callers who wait") struct SingleFlightTests {
    @Test("share one request and its token, in the order they came")
    func shareToken() {
        var slot = SlotInTime()
        #expect(slot.ask(1) == [.recordLastAsked(slot.now), .send(1)])
        for waiter in 2...500 { #expect(slot.ask(UInt64(waiter)) == []) }
        #expect(slot.report.waiters == 500 && slot.report.state == .fetching)
        let token = kept("a")
        let actions = slot.receive(token, 1)
        #expect(actions.answers == (1...500).map { .answer(UInt64($0), token) })
        #expect(actions.first == .publish(token))
        #expect(slot.report.waiters == 0 && slot.report.state == .fresh)
    }

    @Test("share its failure too")
    func shareFailure() {
        var slot = SlotInTime()
        _ = slot.ask(1)
        _ = slot.ask(2)
        let told = FetchFailure.temporarilyUnavailable(retryAfter: .seconds(1), refused)
        #expect(slot.fail(refused, 1) == [.answer(1, told), .answer(2, told), .timer(1)])
    }

    @Test("may leave, the first too, and the request goes on for the others and for the next")
    func leave() {
        var slot = SlotInTime()
        _ = slot.ask(1)
        _ = slot.ask(2)
        slot.machine.callerLeft(WaiterID(1))
        let token = kept("a")
        #expect(slot.receive(token, 1).answers == [.answer(2, token)])

        var left = SlotInTime()
        _ = left.ask(1)
        left.machine.callerLeft(WaiterID(1))
        #expect(left.receive(token, 1) == [.publish(token), .timer(2_700)])
        #expect(left.usable() == token.token)
    }

    @Test("are answered at once when the token arrived meanwhile")
    func arrivedMeanwhile() {
        let token = kept("a")
        var slot = SlotInTime.holding(token)
        #expect(slot.ask(2) == [.answer(2, token)])
    }

    @Test("are told when the slot is removed, and so is whoever comes later")
    func removed() {
        var slot = SlotInTime()
        _ = slot.ask(1)
        _ = slot.refresh(2)
        #expect(slot.machine.isCurrent(Generation(1)))
        #expect(slot.machine.removed() == [.answer(1, .removed), .answer(2, .removed)])
        #expect(!slot.machine.isCurrent(Generation(1)))
        #expect(slot.ask(3) == [.answer(3, .removed)])
        #expect(slot.refresh(4) == [.answer(4, .removed)])
        #expect(slot.refresh() == [])
        #expect(slot.receive(kept("a"), 1) == [.discardedStaleAnswer(Generation(1))])
        #expect(slot.usable() == nil)
        #expect(slot.serve() == [] && slot.fireTimer() == [])
        #expect(slot.machine.removed() == [])
    }

    @Test("and a token: removal withdraws it and forgets the timer")
    func removedWithToken() {
        var slot = SlotInTime.holding(kept("a"))
        #expect(slot.machine.removed() == [.cancelTimer, .withdraw])
        #expect(slot.usable() == nil && slot.machine.kept == nil)
    }

    @Test("hear nothing of an answer whose generation was overtaken, token or failure")
    func staleAnswers() {
        let token = kept("a")
        var slot = SlotInTime.holding(token)
        let before = slot.report
        #expect(slot.receive(kept("b"), 1) == [.discardedStaleAnswer(Generation(1))])
        #expect(slot.fail(invalidClient, 1) == [.discardedStaleAnswer(Generation(1))])
        #expect(slot.receive(kept("b"), 9) == [.discardedStaleAnswer(Generation(9))])
        #expect(slot.usable() == token.token && slot.report == before)
    }
}
