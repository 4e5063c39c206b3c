import LocalAPI
import MockAuthorizationServer
import Testing

@Suite(.timeLimit(.minutes(5))) struct SingleFlightTests {
    @Test func `two hundred callers of a cold client share one request and one token`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.server.setBehaviour(.held)
            let callers = (0..<200).map { _ in rig.begin("/v1/token/billing") }
            try await rig.server.counters { $0.held == 1 }
            for caller in callers { #expect(try caller.now == nil) }
            rig.server.release()
            var tokens: Set<String> = []
            for caller in callers { tokens.insert(try await caller.answer().token.accessToken) }
            #expect(tokens.count == 1)
            #expect(tokens.allSatisfy(rig.server.isActive))
            #expect(rig.server.counters().tokenRequests == 1)
            #expect(callers.allSatisfy { $0.answerCount == 1 })
        }
    }

    @Test func `they share the failure too`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.server.setBehaviour(.held, times: 1)
            let callers = (0..<50).map { _ in rig.begin("/v1/token/billing") }
            try await rig.server.counters { $0.held == 1 }
            await rig.server.stopListening()
            for caller in callers {
                let answer = try await caller.answer()
                #expect(answer.status == 503)
                #expect(answer.header("Retry-After") != nil)
            }
            #expect(rig.server.counters().tokenRequests == 1)
        }
    }

    @Test func `a first caller who hangs up leaves the request to the others`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.server.setBehaviour(.held)
            let leader = rig.begin("/v1/token/billing")
            let follower = rig.begin("/v1/token/billing")
            try await rig.server.counters { $0.held == 1 }
            rig.hangUp(leader)
            rig.server.release()
            #expect(try await follower.answer().status == 200)
            #expect(leader.answerCount == 0)
            #expect(rig.server.counters().tokenRequests == 1)
            let metrics = try rig.answer("/metrics", on: .admin).body
            #expect(metrics.contains(#"tokenbroker_fetches_total{client="billing",result="hung_up"} 1"#))
        }
    }

    @Test func `a token that nobody waits for any more serves the next caller`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.server.setBehaviour(.held)
            let caller = rig.begin("/v1/token/billing")
            try await rig.server.counters { $0.held == 1 }
            rig.hangUp(caller)
            rig.server.release()
            try await rig.until { try rig.report().serving }
            #expect(try rig.answer("/v1/token/billing").status == 200)
            #expect(rig.server.counters().tokenRequests == 1)
        }
    }

    @Test func `a cached token is answered without a wait and without a request`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let first = try await rig.ask("/v1/token/billing").token
            rig.server.setBehaviour(.held)
            for _ in 0..<20 { #expect(try rig.answer("/v1/token/billing").token == first) }
            #expect(rig.server.counters().tokenRequests == 1)
        }
    }

    @Test func `other scopes are other tokens, the same set in another order is not`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", #"scopes = ["a", "b"]"#))
            let both = try await rig.ask("/v1/token/billing").token
            let reordered = try await rig.ask("/v1/token/billing?scope=b+a").token
            let one = try await rig.ask("/v1/token/billing?scope=a").token
            #expect(both.accessToken == reordered.accessToken)
            #expect(one.accessToken != both.accessToken)
            #expect(one.scope == "a")
            #expect(rig.server.counters().tokenRequests == 2)
        }
    }
}
