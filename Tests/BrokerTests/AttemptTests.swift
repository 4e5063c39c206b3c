import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

@testable import Broker

/// How often a server is asked, by its own count, over hours and days that pass by hand.
@Suite(.timeLimit(.minutes(5))) struct AttemptTests {
    /// Lets `time` pass, and with it every attempt that becomes due, to its end; `each` step of at most `step` has a
    /// caller.
    private func live(
        _ rig: BrokerRig,
        for time: Duration,
        step: Duration,
        each: () throws -> Void = {}
    ) async throws {
        let end = rig.clock.now().sinceBoot + time
        while rig.clock.now().sinceBoot < end {
            let next = min(rig.deadlines.next ?? end, rig.clock.now().sinceBoot + step, end)
            rig.advance(by: max(.zero, next - rig.clock.now().sinceBoot))
            try await rig.until { !rig.isAskingServer }
            try each()
        }
    }

    @Test(
        arguments: [
            (Behaviour.error("invalid_client", status: 401), 502, 4...12),
            (.answer(status: 404, body: ""), 502, 4...12),
            (.answer(status: 403, body: "<html>firewall</html>", contentType: "text/html"), 502, 4...12),
            (.fault(.reset), 503, 40...70), (.error("server_error", status: 500), 503, 40...70),
            (.answer(status: 200, body: "{}"), 503, 10...70),
        ] as [(Behaviour, Int, ClosedRange<Int>)]
    )
    func `an hour of a permanent refusal makes few attempts, however many callers ask`(
        behaviour: Behaviour,
        status: Int,
        attempts: ClosedRange<Int>
    ) async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.server.setBehaviour(behaviour)
            #expect(try await rig.ask("/v1/token/billing").status == status)
            var answers: Set<Int> = []
            try await live(rig, for: .seconds(3_600), step: .seconds(2)) { () throws -> Void in
                for _ in 0..<3 { answers.insert(try rig.answer("/v1/token/billing").status) }
            }
            #expect(answers == [status])
            #expect(attempts.contains(rig.server.counters().tokenRequests))
        }
    }

    @Test func `a server that comes back while a token has 30 s to live is noticed in time`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let first = try await rig.ask("/v1/token/billing").token
            rig.server.setBehaviour(.fault(.reset))
            try await live(rig, for: .seconds(3_570), step: .seconds(30)) { () throws -> Void in
                #expect(try rig.answer("/v1/token/billing").status == 200)
            }
            rig.server.clearBehaviours()
            try await live(rig, for: .seconds(20), step: .seconds(1)) { () throws -> Void in
                #expect(try rig.answer("/v1/token/billing").status == 200)
            }
            #expect(try rig.report().state == .fresh)
            #expect(try rig.answer("/v1/token/billing").token.accessToken != first.accessToken)
        }
    }

    @Test func `a day of health makes one request a lifetime`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            var tokens: Set<String> = [try await rig.ask("/v1/token/billing").token.accessToken]
            try await live(rig, for: .seconds(86_400), step: .seconds(100)) { () throws -> Void in
                tokens.insert(try rig.answer("/v1/token/billing").token.accessToken)
            }
            // At three quarters of an hour: once at the beginning, and 32 times in the day.
            #expect(rig.server.counters().tokenRequests == 33)
            #expect(tokens.count == 33)
        }
    }
}
