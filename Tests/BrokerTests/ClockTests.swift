import Broker
import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

/// What a set wall clock does to tokens and plans.
@Suite(.timeLimit(.minutes(5))) struct ClockTests {
    @Test func `a wall clock that jumps ahead alone brings a refresh at once`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let first = try await rig.ask("/v1/token/billing").token
            rig.clock.jumpWall(by: .seconds(600))
            rig.broker.clockChanged()
            // Never two attempts within a second.
            rig.advance(by: .seconds(1))
            try await rig.until { try rig.report().state == .fresh }
            #expect(try rig.answer("/v1/token/billing").token.accessToken != first.accessToken)
            #expect(rig.server.counters().tokenRequests == 2)
        }
    }

    @Test func `only what both clocks allow is served meanwhile`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let first = try await rig.ask("/v1/token/billing").token
            rig.server.setBehaviour(.held)
            rig.clock.jumpWall(by: .seconds(600))
            let served = try rig.answer("/v1/token/billing").token
            #expect(served.accessToken == first.accessToken)
            #expect(served.expiresIn == 3_000)
            rig.clock.jumpWall(by: .seconds(3_000))
            #expect(try rig.begin("/v1/token/billing").now == nil)
            rig.server.release()
        }
    }

    @Test(arguments: [-86_400, -31, 29])
    func `other jumps change nothing: CLOCK_BOOTTIME counts`(seconds: Int) async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let first = try await rig.ask("/v1/token/billing").token
            rig.clock.jumpWall(by: .seconds(seconds))
            rig.broker.clockChanged()
            rig.advance(by: .seconds(100))
            let served = try rig.answer("/v1/token/billing").token
            #expect(served.accessToken == first.accessToken)
            #expect(served.expiresIn == 3_500)
            #expect(rig.server.counters().tokenRequests == 1)
        }
    }

    @Test func `a machine that slept finds everything due at once, and asks once`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let first = try await rig.ask("/v1/token/billing").token
            rig.clock.advance(by: .seconds(8 * 3_600))
            rig.deadlines.fire(now: rig.clock.now().sinceBoot)
            try await rig.until { try rig.report().state == .fresh }
            #expect(try rig.answer("/v1/token/billing").token.accessToken != first.accessToken)
            #expect(rig.server.counters().tokenRequests == 2)
        }
    }
}
