import Broker
import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing
import TokenStore

@Suite(.timeLimit(.minutes(5))) struct ReloadTests {
    @Test func `a broken configuration leaves everything as it was and stays visible`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let token = try await rig.ask("/v1/token/billing").token
            let refused = try await rig.reload(rig.client("sales") + "[clients.other]\nclient_id = 5\n")
            #expect(refused.status == 400)
            #expect(try refused.error.errorDescription?.contains("main.toml:") == true)
            #expect(try rig.answer("/v1/token/billing").token == token)
            #expect(try rig.answer("/v1/clients/sales", on: .admin).status == 404)
            #expect(try rig.status.alarms.map(\.alarm) == ["reload_refused"])
            #expect(rig.broker.statusLine.contains("reload refused"))
            #expect(try rig.answer("/readyz", on: .admin).status == 503)
            #expect(try await rig.reload(rig.client()).status == 200)
            #expect(try rig.status.alarms == [])
            #expect(try rig.answer("/readyz", on: .admin).status == 200)
        }
    }

    @Test func `the difference is told, and who did not change keeps token and state`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing") + rig.client("sales"))
            let billing = try await rig.ask("/v1/token/billing").token
            _ = try await rig.ask("/v1/token/sales")
            rig.server.setBehaviour(.held)
            let answer = try await rig.reload(
                rig.client("other") + "# moved below\n" + rig.client("billing")
            )
            #expect(
                try answer.document(ReloadDocument.self)
                    == ReloadDocument(
                        added: ["other"],
                        removed: ["sales"],
                        changed: [],
                        unchanged: 1,
                        restartNeeded: []
                    )
            )
            #expect(try rig.answer("/v1/token/billing").token == billing)
            #expect(try rig.answer("/v1/token/sales").status == 403)
            #expect(rig.server.counters().tokenRequests == 2)
            #expect(
                rig.log.lines(with: "Reloaded the configuration") == [
                    "notice Reloaded the configuration added=other changed= removed=sales unchanged=1"
                ]
            )
        }
    }

    @Test func `of very many the log names the first and says how many there are`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing"))
            let count = Reloader.longestList + 20
            let clients = (0..<count).map { rig.client("c\($0)").replacing("c\($0).secret", with: "billing.secret") }
            _ = try await rig.reload(rig.client("billing") + clients.joined())
            let line = try #require(rig.log.lines(with: "Reloaded the configuration").first)
            #expect(
                line.contains("added=c0 c1 ") && line.contains(" c\(Reloader.longestList - 1) … (\(count) in all) ")
            )
            #expect(!line.contains(" c\(Reloader.longestList) "))
        }
    }

    @Test func `a change of who may use a client leaves its request and who waits for it alone`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", "allow = [{ user = 1001 }]"))
            rig.server.setBehaviour(.held)
            let ann = rig.begin("/v1/token/billing?timeout=4", uid: BrokerRig.ann)
            try await rig.server.counters { $0.held == 1 }
            let answer = try await rig.reload(rig.client("billing", "allow = [{ user = 1001 }, { user = 1002 }]"))
            #expect(try answer.document(ReloadDocument.self).changed == ["billing"])
            let bob = rig.begin("/v1/token/billing", uid: BrokerRig.bob)
            #expect(try ann.now == nil && bob.now == nil)
            rig.server.release()
            #expect(try await ann.answer().status == 200)
            #expect(try await bob.answer().status == 200)
            #expect(rig.server.counters().tokenRequests == 1)
            let unchanged = try await rig.reload(rig.client("billing", "allow = [{ user = 1001 }, { user = 1002 }]"))
            #expect(try unchanged.document(ReloadDocument.self).unchanged == 1)
        }
    }

    @Test func `who may no longer use a client gets no token that it waited for`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", "allow = [{ user = 1001 }, { user = 1002 }]"))
            rig.server.setBehaviour(.held)
            let ann = rig.begin("/v1/token/billing", uid: BrokerRig.ann)
            let bob = rig.begin("/v1/token/billing", uid: BrokerRig.bob)
            try await rig.server.counters { $0.held == 1 }
            _ = try await rig.reload(rig.client("billing", "allow = [{ user = 1002 }]"))
            rig.server.release()
            #expect(try await ann.answer().status == 403)
            #expect(try await bob.answer().status == 200)
        }
    }

    @Test func `reloads do not make a caller wait longer than it said`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.server.setBehaviour(.held)
            let caller = rig.begin("/v1/token/billing?timeout=4")
            for second in 1...3 {
                rig.advance(by: .seconds(1))
                _ = try await rig.reload(rig.client("billing", "parameters = { round = \"\(second)\" }"))
                #expect(try caller.now == nil)
            }
            rig.advance(by: .seconds(1))
            #expect(try await caller.answer().error.cause == "waiting")
            rig.server.release()
        }
    }

    @Test func `a client whose source did not change keeps its token over other changes`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let token = try await rig.ask("/v1/token/billing").token
            let answer = try await rig.reload(rig.client("billing", "allow = [{ user = \"ann\" }]\nrefresh_at = 0.5"))
            #expect(try answer.document(ReloadDocument.self).changed == ["billing"])
            #expect(try rig.answer("/v1/token/billing").status == 403)
            #expect(try rig.answer("/v1/token/billing", uid: BrokerRig.ann).token == token)
            #expect(rig.server.counters().tokenRequests == 1)
        }
    }

    @Test func `another client_id is another client`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let before = try await rig.ask("/v1/token/billing").token
            _ = try await rig.reload(rig.client().replacing("billing-id", with: "new-id"))
            let after = try await rig.ask("/v1/token/billing").token
            #expect(after.accessToken != before.accessToken)
            #expect(rig.server.counters().client("new-id").requests == 1)
        }
    }

    @Test func `the callers of a removed client are told`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing") + rig.client("sales"))
            rig.server.setBehaviour(.held)
            let callers = (0..<3).map { _ in rig.begin("/v1/token/billing") }
            try await rig.server.counters { $0.held == 1 }
            #expect(try await rig.reload(rig.client("sales")).status == 200)
            for caller in callers { #expect(try caller.now?.status == 403) }
            rig.server.release()
            try await rig.until { !rig.log.lines(with: "Discarded the answer").isEmpty }
            #expect(try rig.stored.isEmpty)
            #expect(callers.allSatisfy { $0.answerCount == 1 })
        }
    }

    @Test func `the callers of a changed client wait on for what is configured now`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.server.setBehaviour(.held, for: "billing-id")
            let allowed = rig.begin("/v1/token/billing", uid: 0)
            try await rig.server.counters { $0.held == 1 }
            _ = try await rig.reload(rig.client().replacing("billing-id", with: "new-id"))
            #expect(try await allowed.answer().status == 200)
            #expect(rig.server.counters().client("new-id").requests == 1)
            rig.server.release()
            try await rig.until { !rig.log.lines(with: "Discarded the answer").isEmpty }
            #expect(try rig.stored.map(\.clientID) == ["new-id"])
        }
    }

    @Test func `a caller whose right was taken away while it waited gets nothing`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", #"allow = [{ user = "ann" }]"#))
            rig.server.setBehaviour(.held)
            let caller = rig.begin("/v1/token/billing", uid: BrokerRig.ann)
            try await rig.server.counters { $0.held == 1 }
            _ = try await rig.reload(rig.client("billing", #"allow = [{ user = "bob" }]"#))
            #expect(try caller.now?.status == 403)
            rig.server.release()
        }
    }

    @Test func `a scope that is configured no more is neither kept nor asked for again`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", #"scopes = ["raed"]"#))
            rig.server.setBehaviour(.error("invalid_scope"), times: 1)
            #expect(try await rig.ask("/v1/token/billing").status == 502)
            rig.server.setBehaviour(.error("invalid_scope"), times: 1)
            _ = try await rig.reload(rig.client("billing", #"scopes = ["read"]"#))
            #expect(try rig.report().slots.map(\.scope) == ["read"])
        }
    }

    @Test func `a scope that some caller may still ask for keeps its token`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", #"scopes = ["read", "write"]"#))
            let one = try await rig.ask("/v1/token/billing?scope=read").token
            _ = try await rig.reload(rig.client("billing", #"scopes = ["read"]"#))
            #expect(try rig.answer("/v1/token/billing").token == one)
        }
    }

    @Test func `a reload tries again what failed for the configuration`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.server.setBehaviour(.error("unauthorized_client"), times: 1)
            #expect(try await rig.ask("/v1/token/billing").status == 502)
            #expect(try await rig.reload(rig.client()).status == 200)
            rig.advance(by: .seconds(1))
            try await rig.until { try rig.report().state == .fresh }
        }
    }

    @Test func `keys that count from the next start are named`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let answer = try await rig.reload("[daemon]\nlog_level = \"debug\"\n" + rig.client())
            #expect(try answer.document(ReloadDocument.self).restartNeeded == ["daemon.log_level"])
        }
    }

    @Test func `a removed client's last request leaves no series behind`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing") + rig.client("sales"))
            rig.server.setBehaviour(.held)
            _ = rig.begin("/v1/token/billing")
            try await rig.server.counters { $0.held == 1 }
            _ = try await rig.reload(rig.client("sales"))
            rig.server.release()
            try await rig.until { !rig.log.lines(with: "Discarded the answer").isEmpty }
            let metrics = try rig.answer("/metrics", on: .admin).body
            #expect(metrics.contains("tokenbroker_token_request_seconds_count 1"))
            #expect(!metrics.contains("billing"))
        }
    }

    @Test func `a removed client's tokens leave the store`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing") + rig.client("sales"))
            _ = try await rig.ask("/v1/token/billing")
            _ = try await rig.ask("/v1/token/sales")
            _ = try await rig.reload(rig.client("sales"))
            // No event tells of it.
            while try rig.stored.count > 1 {
                try Task.checkCancellation()
                await Task.yield()
            }
            #expect(try rig.stored.map(\.clientID) == ["sales-id"])
            #expect(try !rig.answer("/metrics", on: .admin).body.contains("billing"))
        }
    }
}
