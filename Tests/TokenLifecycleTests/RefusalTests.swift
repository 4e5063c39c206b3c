import OAuth2
import Testing
import TokenLifecycle

@Suite("A refusal") struct RefusalTests {
    private static let empty = TokenEndpointFailure(.unexplainedRefusal, error: "empty_answer", serverStatus: 400)
    private static let loop = TokenEndpointFailure(.halted, error: "invalid_grant", serverStatus: 400)

    /// What the answer of `status` and `body` means to `grant`, and where it leaves the slot.
    private func end(_ status: Int, _ body: String, _ grant: Grant, probe: ProbeFinding? = nil) -> SlotReport? {
        let answer = HTTPAnswer(status: status, body: Array(body.utf8), now: .zero)
        guard case .failure(let failure) = TokenAnswer.read(answer, grant: grant) else { return nil }
        var slot = SlotInTime()
        _ = slot.ask(1)
        let actions = slot.fail(failure, 1)
        #expect(actions.contains(.sendProbe(Generation(1))) == (probe != nil))
        if let probe { _ = slot.endProbe(probe, 1) }
        return slot.report
    }

    @Test(
        "without a reason ends in the right state, on both grants",
        arguments: [
            (400, .clientCredentials, nil, .misconfigured, true), (401, .clientCredentials, nil, .misconfigured, true),
            (403, .clientCredentials, nil, .misconfigured, true),
            (400, .refreshToken, .sameAnswer, .loginRequired, false),
            (400, .refreshToken, .otherAnswer, .misconfigured, true),
            (400, .refreshToken, .noAnswer, .misconfigured, true),
            (401, .refreshToken, nil, .misconfigured, false), (403, .refreshToken, nil, .misconfigured, false),
        ] as [(Int, Grant, ProbeFinding?, SlotState, Bool)]
    )
    func unexplained(status: Int, grant: Grant, probe: ProbeFinding?, state: SlotState, isTriedAgain: Bool) throws {
        for body in ["", "{", "Bad Request", #"{"message":"no"}"#] {
            let report = try #require(end(status, body, grant, probe: probe))
            #expect(report.state == state)
            #expect((report.nextAttemptAt != nil) == isTriedAgain)
        }
    }

    @Test("without a reason keeps its callers waiting for the probe, and asks nothing else meanwhile")
    func probing() {
        var slot = SlotInTime()
        _ = slot.ask(1)
        #expect(slot.fail(Self.empty, 1) == [.sendProbe(Generation(1))])
        #expect(slot.report.state == .fetching && slot.report.isAttemptUnderWay)
        #expect(slot.ask(2).requests == [])
        #expect(slot.fail(Self.empty, 1) == [.discardedStaleAnswer(Generation(1))])
        #expect(slot.receive(kept("a"), 1) == [.discardedStaleAnswer(Generation(1))])
        let ended = slot.endProbe(.sameAnswer, 1)
        #expect(ended.answers.count == 2)
        #expect(slot.report.lastFailure?.failure.failureClass == .loginRequired)
        #expect(slot.endProbe(.sameAnswer, 1) == [.discardedStaleAnswer(Generation(1))])
    }

    @Test("that a removal overtook is probed for nobody")
    func removed() {
        var slot = SlotInTime()
        _ = slot.ask(1)
        _ = slot.fail(Self.empty, 1)
        _ = slot.machine.removed()
        #expect(slot.machine.unexplainedRefusal(of: Generation(1)) == nil)
        #expect(slot.endProbe(.sameAnswer, 1) == [.discardedStaleAnswer(Generation(1))])
    }

    @Test(
        "of a probe is compared by status and error",
        arguments: [
            (TokenEndpointFailure(.unexplainedRefusal, error: "empty_answer", serverStatus: 400), .sameAnswer),
            (TokenEndpointFailure(.loginRequired, error: "invalid_grant", serverStatus: 400), .otherAnswer),
            (TokenEndpointFailure(.halted, error: "empty_answer", serverStatus: 401), .otherAnswer),
            (TokenEndpointFailure(.transient, error: "connection_refused", transport: .connectionRefused), .noAnswer),
            (TokenEndpointFailure(.transient, error: "rate_limited", serverStatus: 429), .noAnswer),
            (TokenEndpointFailure(.unknown, error: "http_server_error", serverStatus: 502), .noAnswer),
        ] as [(TokenEndpointFailure, ProbeFinding)]
    )
    func comparison(probe: TokenEndpointFailure, finding: ProbeFinding) {
        #expect(ProbeFinding(refusal: Self.empty, probe: probe) == finding)
    }

    @Test("that a server answers to a loop stops the slot, until a person acts")
    func loop() {
        var slot = SlotInTime.holding(kept("a", lifetime: .seconds(100)))
        slot.goTo(75)
        _ = slot.fireTimer()
        #expect(slot.fail(Self.loop, 2).requests == [])
        #expect(slot.report.state == .misconfigured && slot.report.serving)
        #expect(slot.report.nextAttemptAt == nil)
        slot.goTo(100)
        _ = slot.fireTimer()
        for caller in 1...100 as ClosedRange<UInt64> {
            slot.goTo(100 + Double(caller) * 1_000)
            let actions = slot.ask(caller)
            #expect(actions.requests == [])
            #expect(actions.answers == [.answer(caller, .clientMisconfigured(Self.loop, retryAfter: nil))])
        }
        #expect(slot.machine.serverRecovered(now: slot.now).requests == [])
        #expect(slot.refresh().requests == [.send(3)])
        _ = slot.fail(Self.loop, 3)
        slot.pass(.seconds(1))
        _ = slot.ask(101)
        #expect(slot.machine.configurationChanged(now: slot.now).requests == [.send(4)])
    }
}
