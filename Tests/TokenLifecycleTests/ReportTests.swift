import OAuth2
import Testing
import TokenLifecycle

@Suite("A slot's report") struct ReportTests {
    @Test("orders the states by severity, and names them as status does")
    func states() {
        #expect(
            SlotState.allCases.sorted().map(\.rawValue) == [
                "idle", "fresh", "refreshing", "fetching", "retrying", "expired", "misconfigured", "login_required",
            ]
        )
    }

    @Test("says when callers notice: min_ttl before the token's end, by the wall clock")
    func death() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(3_600)))
        slot.setWallClock(by: .seconds(20))
        #expect(slot.report.diesAt == slot.now.sinceEpoch + .seconds(3_590))
        #expect(slot.report.expiresAt == slot.now.sinceEpoch + .seconds(3_600))
        #expect(slot.report.nextAttemptAt == slot.now.sinceEpoch + .seconds(2_700))
        #expect(slot.report.lifetime == .seconds(3_600))
    }

    @Test("names no death when nothing serves")
    func noDeath() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        slot.goTo(95)
        #expect(slot.report.diesAt == nil && !slot.report.serving)
        #expect(slot.report.expiresAt != nil)
    }

    @Test("follows a token's life: idle, fetching, fresh, refreshing, retrying, expired, fresh")
    func life() {
        var slot = SlotInTime()
        var states = [slot.report.state]
        _ = slot.ask(1)
        states.append(slot.report.state)
        _ = slot.receive(kept("a", lifetime: .seconds(100)), 1)
        states.append(slot.report.state)
        slot.goTo(75)
        _ = slot.fireTimer()
        states.append(slot.report.state)
        _ = slot.fail(refused, 2)
        states.append(slot.report.state)
        #expect(slot.report.lastFailure?.failure == refused && slot.report.lastFailure?.at == slot.now)
        slot.goTo(91)
        states.append(slot.report.state)
        _ = slot.fireTimer()
        states.append(slot.report.state)
        _ = slot.receive(kept("b", lifetime: .seconds(100), sent: slot.now), 3)
        states.append(slot.report.state)
        #expect(states == [.idle, .fetching, .fresh, .refreshing, .retrying, .expired, .expired, .fresh])
    }
}
