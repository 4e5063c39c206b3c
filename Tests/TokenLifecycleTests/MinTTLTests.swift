import OAuth2
import Testing
import TokenLifecycle

@Suite("A min_ttl") struct MinTTLTests {
    @Test("that the kept token cannot meet waits for a refresh, while others are served")
    func waits() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        slot.goTo(30)
        #expect(slot.usable(.seconds(80)) == nil)
        #expect(slot.ask(2, minTTL: .seconds(80)) == [.send(2), .timer(90.001)])
        #expect(slot.usable() != nil)
        let new = kept("b", lifetime: .seconds(100), sent: slot.now)
        #expect(slot.receive(new, 2).answers == [.answer(2, new)])
    }

    @Test("beyond nine tenths of the longest lifetime granted so far is unmet at once")
    func beyondNineTenths() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        slot.goTo(30)
        #expect(slot.ask(2, minTTL: .seconds(91)) == [.answer(2, .minTTLUnmet(longest: .seconds(100)))])
        #expect(slot.ask(3, minTTL: .seconds(90)).requests == [.send(2)])
    }

    @Test("of a first caller is tried, and unmet when the token is too short")
    func firstCaller() {
        var slot = SlotInTime()
        _ = slot.ask(1, minTTL: .seconds(300))
        _ = slot.ask(2)
        let token = kept("a", lifetime: .seconds(100))
        #expect(
            slot.receive(token, 1).answers == [.answer(1, .minTTLUnmet(longest: .seconds(100))), .answer(2, token)]
        )
    }

    @Test("forces at most one refresh per tenth of the lifetime")
    func tenth() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(1_000)))
        slot.goTo(200)
        _ = slot.ask(2, minTTL: .seconds(850))
        // The server's tokens became shorter.
        _ = slot.receive(kept("b", lifetime: .seconds(500), sent: slot.now), 2)
        let unmet = FetchFailure.minTTLUnmet(longest: .seconds(1_000))
        #expect(slot.ask(3, minTTL: .seconds(850)) == [.answer(3, unmet)])
        slot.goTo(249.999)
        #expect(slot.ask(4, minTTL: .seconds(850)) == [.answer(4, unmet)])
        slot.goTo(250)
        #expect(slot.ask(5, minTTL: .seconds(850)).requests == [.send(3)])
    }

    @Test(
        "that the same token back cannot meet is unmet, and asked for again only when the token is about to be needed"
    )
    func sameToken() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(1_000)))
        slot.goTo(500)
        _ = slot.ask(2, minTTL: .seconds(800))
        let again = kept("a", lifetime: .seconds(500), sent: slot.now)
        let unmet = FetchFailure.minTTLUnmet(longest: .seconds(1_000))
        #expect(slot.receive(again, 2) == [.publish(again), .answer(2, unmet), .timer(980)])
        slot.goTo(900)
        #expect(slot.ask(3, minTTL: .seconds(800)) == [.answer(3, unmet)])
        slot.goTo(980)
        #expect(slot.ask(4, minTTL: .seconds(800)).requests == [.send(3)])
    }

    @Test("waits for the refresh that is under way, without forcing another")
    func joins() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        slot.goTo(75)
        _ = slot.fireTimer()
        #expect(slot.ask(2, minTTL: .seconds(80)) == [])
        _ = slot.receive(kept("b", lifetime: .seconds(100), sent: slot.now), 2)
        slot.goTo(97)
        #expect(slot.ask(3, minTTL: .seconds(80)).requests == [.send(3)])
    }

    @Test("gets the failure when the refresh fails, and while the failure stands, though the token serves others")
    func failure() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        slot.goTo(30)
        _ = slot.ask(2, minTTL: .seconds(80))
        let told = FetchFailure.temporarilyUnavailable(retryAfter: .seconds(1), refused)
        #expect(slot.fail(refused, 2) == [.answer(2, told), .timer(31)])
        #expect(slot.report.state == .retrying && slot.usable() != nil)
        #expect(slot.ask(3, minTTL: .seconds(80)) == [.answer(3, told)])
    }
}
