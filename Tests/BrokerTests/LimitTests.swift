import LocalAPI
import MockAuthorizationServer
import Testing

@Suite(.timeLimit(.minutes(5))) struct LimitTests {
    @Test func `a user may have 1,024 fetches waiting, and others are not touched`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", "allow = [{ user = 1001 }, { user = 1002 }]"))
            rig.server.setBehaviour(.held)
            let waiting = (0..<1_024).map { _ in rig.begin("/v1/token/billing", uid: BrokerRig.ann) }
            let refused = try rig.answer("/v1/token/billing", uid: BrokerRig.ann)
            #expect(refused.status == 429)
            #expect(try refused.error.error == "too_many_requests")
            #expect(refused.header("Retry-After") == "1")
            let other = rig.begin("/v1/token/billing", uid: BrokerRig.bob)
            #expect(try other.now == nil)
            // A place that is given back is another's.
            rig.hangUp(waiting[0])
            #expect(try rig.begin("/v1/token/billing", uid: BrokerRig.ann).now == nil)
            #expect(try rig.answer("/v1/token/billing", uid: BrokerRig.ann).status == 429)
            try await rig.server.counters { $0.held == 1 }
            rig.server.release()
            #expect(try await other.answer().status == 200)
            #expect(try await waiting[1_023].answer().status == 200)
            #expect(try rig.answer("/v1/token/billing", uid: BrokerRig.ann).status == 200)
        }
    }

    @Test(arguments: [("", 200), ("?timeout=2", 503)])
    func `every end of a wait gives its place back`(query: String, status: Int) async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.server.setBehaviour(.held)
            for _ in 0..<2 {
                let callers = (0..<1_024).map { _ in rig.begin("/v1/token/billing\(query)") }
                #expect(try rig.answer("/v1/token/billing").status == 429)
                if status == 200 {
                    try await rig.server.counters { $0.held == 1 }
                    rig.server.release()
                } else {
                    rig.advance(by: .seconds(2))
                }
                for caller in callers { #expect(try await caller.answer().status == status) }
                // Over, so that the next ones wait again.
                if status == 200 { rig.clock.advance(by: .seconds(3_600)) }
            }
        }
    }

    @Test func `a caller that asks for one scope after the other takes no other client's turns`() async throws {
        try await withBroker { rig in
            let scopes = (0..<40).map { "\"s\($0)\"" }.joined(separator: ", ")
            try rig.start(rig.client("billing", "scopes = [\(scopes)]\nkeep_warm = \"never\"") + rig.client("sales"))
            for number in 0..<40 { _ = rig.begin("/v1/token/billing?scope=s\(number)&timeout=0") }
            let server = try #require(try rig.status.servers.first)
            #expect(server.inFlight + server.waiting <= 16)
            let victim = rig.begin("/v1/token/sales")
            rig.advance(by: .seconds(1))
            #expect(try await victim.answer().status == 200)
        }
    }

    @Test func `who waited for a turn that did not come is told so, and not that the server was silent`() async throws {
        try await withBroker { rig in
            let budget = "[servers.\"http://127.0.0.1:\(rig.server.port)\"]\nconcurrent = 1\n"
            try rig.start(budget + rig.client("billing") + rig.client("sales"))
            rig.server.setBehaviour(.held)
            let billing = rig.begin("/v1/token/billing?timeout=1")
            let sales = rig.begin("/v1/token/sales?timeout=1")
            try await rig.server.counters { $0.held == 1 }
            rig.advance(by: .seconds(1))
            #expect(try billing.now?.error.errorDescription?.contains("did not answer") == true)
            #expect(try sales.now?.error.errorDescription?.contains("had no turn") == true)
            #expect(try sales.now?.error.remedy?.contains("requests_per_second") == true)
            #expect(try [billing, sales].allSatisfy { try $0.now?.error.cause == "waiting" })
            rig.server.release()
        }
    }

    @Test func `a client that is removed gives up its turn`() async throws {
        try await withBroker { rig in
            let budget = "[servers.\"http://127.0.0.1:\(rig.server.port)\"]\nconcurrent = 1\n"
            try rig.start(budget + rig.client("billing") + rig.client("sales"))
            rig.server.setBehaviour(.held)
            _ = rig.begin("/v1/token/billing")
            _ = rig.begin("/v1/token/sales")
            try await rig.server.counters { $0.held == 1 }
            #expect(try rig.status.servers.first?.waiting == 1)
            #expect(try await rig.reload(budget + rig.client("billing")).status == 200)
            #expect(try rig.status.servers.first?.waiting == 0)
            rig.server.release()
        }
    }

    @Test func `a client has at most 16 slots, and a cold one gives way`() async throws {
        try await withBroker { rig in
            let scopes = (0..<20).map { "\"s\($0)\"" }.joined(separator: ", ")
            try rig.start(rig.client("billing", "scopes = [\(scopes)]\nkeep_warm = \"30m\""))
            for number in 0..<15 {
                let asked = rig.begin("/v1/token/billing?scope=s\(number)")
                rig.advance(by: .seconds(2))
                #expect(try await asked.answer().status == 200)
            }
            let refused = try rig.answer("/v1/token/billing?scope=s15")
            #expect(refused.status == 429)
            #expect(try refused.error.errorDescription?.contains("16") == true)
            #expect(try rig.report().slots.count == 16)
            // The client's own is not pushed out by others.
            #expect(try await rig.ask("/v1/token/billing").status == 200)
            rig.advance(by: .seconds(1_800))
            // They are cold, but whoever asked for one of them again would bring about a request that need not be.
            #expect(try rig.answer("/v1/token/billing?scope=s15").status == 429)
            rig.advance(by: .seconds(1_800))
            let later = rig.begin("/v1/token/billing?scope=s15")
            rig.advance(by: .seconds(2))
            #expect(try await later.answer().status == 200)
            #expect(try rig.report().slots.count == 16)
        }
    }

    @Test func `a slot that is waited for does not give way`() async throws {
        try await withBroker { rig in
            let scopes = (0..<20).map { "\"s\($0)\"" }.joined(separator: ", ")
            try rig.start(rig.client("billing", "scopes = [\(scopes)]\nkeep_warm = \"never\""))
            rig.server.setBehaviour(.held)
            let callers = (0..<15).map { rig.begin("/v1/token/billing?scope=s\($0)&timeout=60") }
            #expect(try rig.answer("/v1/token/billing?scope=s15").status == 429)
            // The server has been asked for the first eight.
            rig.hangUp(callers[7])
            #expect(try rig.answer("/v1/token/billing?scope=s15").status == 429)
            rig.hangUp(callers[12])
            #expect(try rig.begin("/v1/token/billing?scope=s15").now == nil)
            for (number, caller) in callers.enumerated() where number != 7 && number != 12 {
                #expect(try caller.now == nil)
            }
            #expect(try rig.status.servers.first.map { $0.inFlight + $0.waiting } == 15)
        }
    }
}
