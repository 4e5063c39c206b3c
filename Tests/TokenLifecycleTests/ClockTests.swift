import OAuth2
import Testing
import TokenLifecycle

@Suite("Clocks") struct ClockTests {
    @Test(
        "of the same boot: time since boot decides, whatever the wall clock says up to 30 s ahead or any time behind",
        arguments: [.seconds(30), .seconds(-30), .seconds(-100_000)] as [Duration]
    )
    func bootTimeDecides(jump: Duration) {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        slot.setWallClock(by: jump)
        #expect(slot.machine.remainingLife(now: slot.now) == .seconds(100))
        #expect(slot.serve() == [])
        slot.pass(.seconds(90))
        #expect(slot.usable() != nil)
        slot.pass(.milliseconds(1))
        #expect(slot.usable() == nil)
    }

    @Test("that disagree: after a jump of the wall clock alone, only what both allow is served, and a refresh is due")
    func wallJump() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        slot.setWallClock(by: .seconds(31))
        #expect(slot.machine.remainingLife(now: slot.now) == .seconds(69))
        slot.pass(.seconds(5))
        #expect(slot.usable() != nil)
        #expect(slot.serve().requests == [.send(2)])
        #expect(slot.usable() != nil)
        #expect(slot.serve() == [])
        let new = kept("b", lifetime: .seconds(100), sent: slot.now)
        _ = slot.receive(new, 2)
        #expect(slot.machine.remainingLife(now: slot.now) == .seconds(100))
        slot.pass(.seconds(2))
        #expect(slot.serve() == [])
    }

    @Test("that disagree by more than the token's life withdraw it for good")
    func wallJumpBeyondLife() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        slot.setWallClock(by: .seconds(500))
        #expect(slot.usable() == nil)
        slot.pass(.seconds(1))
        let actions = slot.machine.clockChanged(now: slot.now)
        #expect(actions.first == .withdraw && actions.requests == [.send(2)])
        slot.setWallClock(by: .seconds(-500))
        #expect(slot.usable() == nil)
    }

    @Test("asleep: the time a machine slept counts")
    func suspend() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(3_600)))
        slot.pass(.seconds(8 * 3_600))
        #expect(slot.usable() == nil)
        #expect(slot.fireTimer() == [.withdraw, .send(2)])
    }

    @Test("of another boot: the wall clock decides, and never gives back what this boot's clock took")
    func anotherBoot() {
        let sent = Moment(sinceBoot: .seconds(900_000), sinceEpoch: SlotInTime.start.sinceEpoch - .seconds(40))
        let old = kept("a", lifetime: .seconds(100), sent: sent, boot: SlotInTime.earlierBoot)
        var slot = SlotInTime(kept: old, lastAsked: sent, lastAskedBoot: SlotInTime.earlierBoot)
        #expect(slot.start() == [.timer(35)])
        #expect(slot.machine.remainingLife(now: slot.now) == .seconds(60))
        slot.setWallClock(by: .seconds(10))
        #expect(slot.machine.remainingLife(now: slot.now) == .seconds(50))
        slot.setWallClock(by: .seconds(-60))
        #expect(slot.machine.remainingLife(now: slot.now) == .seconds(60))
        slot.pass(.seconds(50.001))
        #expect(slot.usable() == nil)
    }

    @Test("of another boot with the wall clock before the receipt: refreshed before anything is served")
    func wallBeforeReceipt() {
        let sent = Moment(sinceBoot: .seconds(50), sinceEpoch: SlotInTime.start.sinceEpoch + .seconds(1))
        let old = kept("a", sent: sent, boot: SlotInTime.earlierBoot)
        var slot = SlotInTime(kept: old, lastAsked: sent, lastAskedBoot: SlotInTime.earlierBoot)
        #expect(slot.start() == [.send(1)])
        #expect(slot.usable(.zero) == nil)
        // Nor later, should the wall clock be put right.
        slot.setWallClock(by: .seconds(60))
        #expect(slot.usable(.zero) == nil)
    }

    @Test("plan a day ahead at most; the plan is then made anew")
    func dayAhead() {
        let week = kept("a", lifetime: .seconds(7 * 86_400))
        var slot = SlotInTime(RefreshPolicy(keepWarm: .always))
        _ = slot.start()
        #expect(slot.receive(week, 1) == [.publish(week), .timer(86_400)])
        for day in 1...5 {
            slot.goTo(Double(day) * 86_400)
            let next = min(Double(day + 1) * 86_400, 5.25 * 86_400)
            #expect(slot.fireTimer() == [.timer(next)])
        }
        slot.goTo(5.25 * 86_400)
        #expect(slot.fireTimer().requests == [.send(2)])
    }
}
