import LocalAPI
import MockAuthorizationServer
import Testing

@Suite(.timeLimit(.minutes(5))) struct RefreshingTests {
    @Test func `a warm client's token is refreshed ahead, and callers never wait`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let first = try await rig.ask("/v1/token/billing").token
            rig.advance(by: .seconds(2_699))
            #expect(rig.server.counters().tokenRequests == 1)
            rig.server.setBehaviour(.held, times: 1)
            rig.advance(by: .seconds(1))
            try await rig.server.counters { $0.held == 1 }
            #expect(try rig.report().state == .refreshing)
            let meanwhile = try rig.answer("/v1/token/billing").token
            #expect(meanwhile.accessToken == first.accessToken)
            #expect(meanwhile.expiresIn == 900)
            rig.server.release()
            try await rig.until { try rig.report().state == .fresh }
            let next = try rig.answer("/v1/token/billing").token
            #expect(next.accessToken != first.accessToken)
            #expect(next.expiresIn == 3_600)
        }
    }

    @Test func `lifetime counts from the sending, however late the answer`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.server.setBehaviour(.held, times: 1)
            let caller = rig.begin("/v1/token/billing?timeout=60")
            try await rig.server.counters { $0.held == 1 }
            rig.clock.advance(by: .seconds(20))
            rig.server.release()
            #expect(try await caller.answer().token.expiresIn == 3_580)
        }
    }

    @Test func `expires_in is told anew each time and rounded down`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let first = try await rig.ask("/v1/token/billing").token
            rig.advance(by: .milliseconds(1_001))
            let later = try rig.answer("/v1/token/billing").token
            #expect(first.expiresIn == 3_600)
            #expect(later.expiresIn == 3_598)
            #expect(later.expiresAt == first.expiresAt)
        }
    }

    @Test func `a token is never served past its end`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", #"keep_warm = "never""#))
            let first = try await rig.ask("/v1/token/billing").token
            rig.advance(by: .seconds(3_590))
            #expect(try rig.answer("/v1/token/billing").token.accessToken == first.accessToken)
            rig.server.setBehaviour(.held)
            // The clock alone, as a machine that slept finds it: no timer has fired yet.
            rig.clock.advance(by: .milliseconds(1))
            let caller = rig.begin("/v1/token/billing")
            #expect(try caller.now == nil)
            try await rig.server.counters { $0.held == 1 }
            rig.server.release()
            #expect(try await caller.answer().token.accessToken != first.accessToken)
        }
    }

    @Test func `a client kept warm always is asked for at the start, others are not`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", #"keep_warm = "always""#) + rig.client("sales"))
            try await rig.until { try rig.report().state == .fresh }
            #expect(try rig.report("sales").state == .idle)
            #expect(rig.server.counters().client("billing-id").requests == 1)
            #expect(rig.server.counters().client("sales-id").requests == 0)
        }
    }

    @Test func `keep_warm ends when nobody asked for as long`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", #"keep_warm = "40m""#))
            _ = try await rig.ask("/v1/token/billing")
            rig.advance(by: .seconds(86_400))
            #expect(rig.server.counters().tokenRequests == 1)
            #expect(try rig.report().state == .idle)
            #expect(try rig.report().serving == false)
            #expect(try await rig.ask("/v1/token/billing").status == 200)
        }
    }

    @Test func `a min_ttl that the cached token lacks waits for a newer one`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let first = try await rig.ask("/v1/token/billing").token
            rig.advance(by: .seconds(1_000))
            let longer = try await rig.ask("/v1/token/billing?min_ttl=50m").token
            #expect(longer.accessToken != first.accessToken)
            #expect(longer.expiresIn == 3_600)
            let unmet = try rig.answer("/v1/token/billing?min_ttl=61m")
            #expect(unmet.status == 409)
            #expect(try unmet.error.error == "min_ttl_unmet")
            #expect(rig.server.counters().tokenRequests == 2)
        }
    }

    @Test func `an operator's refresh brings a new token and says so`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let first = try await rig.ask("/v1/token/billing").token
            rig.advance(by: .seconds(10))
            let answer = try await rig.begin("/v1/clients/billing/refresh", method: .post, on: .admin).answer()
            #expect(try answer.document(RefreshDocument.self).state == .fresh)
            #expect(try rig.answer("/v1/token/billing").token.accessToken != first.accessToken)
            #expect(rig.log.lines(with: "An operator gave a command").count == 1)
        }
    }

    @Test func `the forms of an answer carry the same token`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let token = try await rig.ask("/v1/token/billing").token.accessToken
            let plain = try await rig.begin("/v1/token/billing", accept: "text/plain").answer()
            #expect(plain.body == "\(token)\n")
            #expect(plain.header("Cache-Control") == "no-store")
            let form = try await rig.begin(
                "/oauth2/token",
                method: .post,
                form: "grant_type=client_credentials&client_id=billing"
            ).answer()
            #expect(try form.token.accessToken == token)
        }
    }
}
