import Broker
import LocalAPI
import MockAuthorizationServer
import Testing

@Suite(.timeLimit(.minutes(5))) struct OutageTests {
    @Test func `while a failure stands callers hear it at once, with the time to come back`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.server.setBehaviour(.fault(.reset))
            #expect(try await rig.ask("/v1/token/billing").status == 503)
            let answer = try rig.answer("/v1/token/billing")
            #expect(answer.status == 503)
            #expect(answer.header("Retry-After") == "2")
            let error = try answer.error
            #expect(error.error == "temporarily_unavailable")
            #expect(error.cause == "reset_after_sending")
            #expect(error.retryAfter == 2)
            #expect(error.remedy?.isEmpty == false)
            let report = try rig.report()
            #expect(report.state == .expired)
            #expect(report.serving == false)
            #expect(report.lastError?.cause == "reset_after_sending")
        }
    }

    @Test func `an outage ends by the timer without a hand`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.server.setBehaviour(.fault(.reset))
            #expect(try await rig.ask("/v1/token/billing").status == 503)
            for _ in 0..<3 {
                let before = try rig.report().lastError?.at
                try rig.advanceToNextAttempt()
                try await rig.until { try rig.report().lastError?.at != before && rig.isAttemptPlanned() }
            }
            rig.server.clearBehaviours()
            try rig.advanceToNextAttempt()
            try await rig.until { try rig.report().state == .fresh }
            #expect(try rig.report().lastError == nil)
            #expect(try rig.answer("/v1/token/billing").status == 200)
            #expect(rig.server.counters().tokenRequests == 5)
        }
    }

    @Test func `an outage shorter than the token's life is invisible to callers`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let first = try await rig.ask("/v1/token/billing").token
            rig.server.setBehaviour(.fault(.reset))
            rig.advance(by: .seconds(2_700))
            try await rig.until { try rig.report().state == .retrying }
            #expect(try rig.answer("/v1/token/billing").token.accessToken == first.accessToken)
            let report = try rig.report()
            #expect(report.serving)
            #expect(report.diesAt == first.expiresAt.map { $0 - 10 })
            rig.server.clearBehaviours()
            try rig.advanceToNextAttempt()
            try await rig.until { try rig.report().state == .fresh }
            #expect(try rig.answer("/v1/token/billing").token.accessToken != first.accessToken)
        }
    }

    @Test func `one client's success wakes the others of that server`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing") + rig.client("sales"))
            rig.server.setBehaviour(.error("temporarily_unavailable", status: 503))
            #expect(try await rig.ask("/v1/token/billing").status == 503)
            #expect(try await rig.ask("/v1/token/sales").status == 503)
            rig.server.clearBehaviours()
            // Backoff with half its jitter is 1.1 s: the second that an operator's word waits wakes nobody else.
            let refresh = rig.begin("/v1/clients/billing/refresh", method: .post, on: .admin)
            rig.advance(by: .seconds(1))
            #expect(try await refresh.answer().status == 200)
            try await rig.until { try rig.report("sales").state == .fresh }
        }
    }

    @Test func `a waiting time that is over says so`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.server.setBehaviour(.held)
            let short = rig.begin("/v1/token/billing?timeout=3")
            let standard = rig.begin("/v1/token/billing")
            let long = rig.begin("/v1/token/billing?timeout=60")
            try await rig.server.counters { $0.held == 1 }
            rig.advance(by: .milliseconds(2_999))
            #expect(try short.now == nil)
            rig.advance(by: .milliseconds(1))
            let answer = try #require(try short.now)
            #expect(answer.status == 503)
            #expect(try answer.error.cause == "waiting")
            #expect(try answer.error.retryAfter == 1)
            #expect(try standard.now == nil)
            rig.advance(by: .seconds(7))
            #expect(try standard.now?.error.cause == "waiting")
            #expect(try long.now == nil)
            rig.server.release()
            #expect(try await long.answer().status == 200)
            #expect([short, standard, long].allSatisfy { $0.answerCount == 1 })
        }
    }

    @Test func `Retry-After counts for the whole server`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing") + rig.client("sales"))
            rig.server.setBehaviour(.error("slow", status: 429, retryAfter: "120"), times: 1)
            let refused = try await rig.ask("/v1/token/billing")
            #expect(refused.header("Retry-After") == "120")
            rig.advance(by: .seconds(59))
            let sales = try rig.answer("/v1/token/sales?timeout=60")
            #expect(try sales.error.cause == "server_paused")
            #expect(sales.header("Retry-After") == "61")
            #expect(rig.server.counters().tokenRequests == 1)
            rig.advance(by: .seconds(61))
            try await rig.until { try rig.report().state == .fresh && rig.report("sales").state == .fresh }
        }
    }

    @Test func `the broker's end is told to who waits`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.server.setBehaviour(.held)
            let callers = (0..<3).map { _ in rig.begin("/v1/token/billing") }
            rig.broker.endWaits()
            // Read by the server after that, for it still answers what was asked before the stop.
            let late = try rig.answer("/v1/token/billing")
            #expect(try late.error.cause == "stopping")
            #expect(try rig.begin("/v1/clients/billing/refresh", method: .post, on: .admin).now?.status == 503)
            for caller in callers {
                #expect(try caller.now?.status == 503)
                #expect(try caller.now?.error.cause == "stopping")
            }
        }
    }

    @Test func `a server that is not asked has not recovered`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing") + rig.client("sales", #"keep_warm = "never""#))
            rig.server.setBehaviour(.fault(.reset))
            #expect(try await rig.ask("/v1/token/billing").status == 503)
            let planned = try rig.report().nextAttemptAt
            try rig.files.write("", to: "sales.secret")
            #expect(try await rig.ask("/v1/token/sales").status == 502)
            #expect(try rig.status.servers.first?.failing == true)
            #expect(try rig.report().nextAttemptAt == planned)
        }
    }

    @Test(arguments: [.fault(.dropBeforeAnswer), .answer(status: 200, body: "{}")] as [Behaviour])
    func `a server that gives no readable answer is failing still`(behaviour: Behaviour) async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing") + rig.client("sales"))
            rig.server.setBehaviour(.error("temporarily_unavailable", status: 503), times: 1)
            #expect(try await rig.ask("/v1/token/billing").status == 503)
            rig.server.setBehaviour(behaviour)
            #expect(try await rig.ask("/v1/token/sales").status == 503)
            #expect(try rig.status.servers.first?.failing == true)
            #expect(rig.server.counters().client("billing-id").requests == 1)
        }
    }
}
