import OAuth2
import Testing
import TokenLifecycle

@Suite("A start") struct RestartTests {
    private let asked = SlotInTime.start.advanced(by: .seconds(-600))

    @Test("without demand asks nothing, unless the slot is always to be warm")
    func cold() {
        var idle = SlotInTime()
        #expect(idle.start() == [])
        #expect(idle.report.state == .idle && !idle.report.isWarm)
        var always = SlotInTime(RefreshPolicy(keepWarm: .always))
        #expect(always.start() == [.send(1)])
        #expect(always.report.state == .fetching && always.report.isWarm)
        var never = SlotInTime(RefreshPolicy(keepWarm: .never), lastAsked: asked)
        #expect(never.start() == [])
    }

    @Test("serves the stored token without a request, and refreshes it when that was planned")
    func stored() {
        let token = kept("a", sent: asked)
        var slot = SlotInTime(kept: token, lastAsked: asked)
        #expect(slot.start() == [.timer(2_100)])
        #expect(slot.usable() == token.token)
        #expect(slot.report.state == .fresh)
        slot.goTo(2_100)
        #expect(slot.fireTimer().requests == [.send(1)])
        #expect(slot.report.state == .refreshing)
    }

    @Test("catches up on a refresh that was planned for while the daemon was down")
    func overdue() {
        let token = kept("a", lifetime: .seconds(700), sent: asked)
        var slot = SlotInTime(kept: token, lastAsked: asked)
        #expect(slot.start() == [.send(1), .timer(90.001)])
        #expect(slot.usable() == token.token)
    }

    @Test("drops a stored token that is over, and asks for another where callers asked lately")
    func over() {
        let token = kept("a", lifetime: .seconds(600), sent: asked)
        var warm = SlotInTime(kept: token, lastAsked: asked)
        #expect(warm.start() == [.withdraw, .send(1)])
        var cold = SlotInTime(kept: token)
        #expect(cold.start() == [.withdraw])
        #expect(cold.report.state == .idle)
    }

    @Test("never serves a stored token of two seconds or less")
    func short() {
        var slot = SlotInTime(kept: kept("a", lifetime: .seconds(2)))
        #expect(slot.start() == [.withdraw])
        #expect(slot.usable(.zero) == nil)
    }

    @Test("serves a cold slot's stored token until its end, without refreshing it")
    func coldStored() {
        var slot = SlotInTime(kept: kept("a", lifetime: .seconds(1_000)))
        #expect(slot.start() == [.timer(990.001)])
        slot.goTo(800)
        #expect(slot.usable() != nil)
        #expect(slot.fireTimer().requests == [])
        #expect(!slot.report.isWarm)
    }

    @Test("knows demand over a reboot by the wall clock, and takes what seems to be the future for just now")
    func demandOverReboot() {
        let wall = SlotInTime.start.sinceEpoch
        func slot(askedBefore: Duration) -> SlotInTime {
            SlotInTime(
                RefreshPolicy(keepWarm: .during(.seconds(1_000))),
                lastAsked: Moment(sinceBoot: .seconds(5), sinceEpoch: wall - askedBefore),
                lastAskedBoot: SlotInTime.earlierBoot
            )
        }
        var lately = slot(askedBefore: .seconds(999))
        #expect(lately.start() == [.send(1)])
        var longAgo = slot(askedBefore: .seconds(1_000))
        #expect(longAgo.start() == [])
        var future = slot(askedBefore: .seconds(-50_000))
        #expect(future.start() == [.send(1)])
        #expect(future.machine.lastAsked == SlotInTime.start)
    }
}
