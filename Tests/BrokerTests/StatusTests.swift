import Broker
import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

/// The status document, /readyz, /metrics and the status line are one truth in four forms.
@Suite(.timeLimit(.minutes(5))) struct StatusTests {
    @Test func `all forms agree while clients are well, and when one is not`() async throws {
        try await withBroker { rig in
            try rig.start(
                rig.client("billing") + rig.client("sales")
                    + rig.client("other").replacing("other.secret", with: "gone.secret")
            )
            try expectAgreement(rig, ["billing": "idle", "other": "misconfigured", "sales": "idle"])
            _ = try await rig.ask("/v1/token/billing")
            try expectAgreement(rig, ["billing": "fresh", "other": "misconfigured", "sales": "idle"])
            try rig.files.write("hunter2", to: "gone.secret")
            rig.advance(by: .seconds(5))
            try expectAgreement(rig, ["billing": "fresh", "other": "idle", "sales": "idle"])
            rig.server.setBehaviour(.error("temporarily_unavailable", status: 503))
            #expect(try await rig.ask("/v1/token/sales").status == 503)
            try expectAgreement(rig, ["billing": "fresh", "other": "idle", "sales": "expired"])
            rig.broker.alarms.raise(.storeWriteFailed, "the disk is full")
            try expectAgreement(rig, ["billing": "fresh", "other": "idle", "sales": "expired"])
        }
    }

    @Test func `a client that nobody uses any more does not keep the broker from being ready`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", #"keep_warm = "1h""#))
            rig.server.setBehaviour(.fault(.reset))
            #expect(try await rig.ask("/v1/token/billing").status == 503)
            #expect(try rig.answer("/readyz", on: .admin).status == 503)
            rig.clock.advance(by: .seconds(3_601))
            #expect(try rig.report().state == .expired)
            #expect(try rig.answer("/readyz", on: .admin).status == 200)
        }
    }

    @Test func `an alarm alone is not ready`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            #expect(try rig.answer("/readyz", on: .admin).body == "ready: 1 client: 1 idle\n")
            rig.broker.alarms.raise(.storeSetAside, "set aside")
            let answer = try rig.answer("/readyz", on: .admin)
            #expect(answer.status == 503)
            #expect(answer.body == "not ready: 1 client: 1 idle; ALARM: set aside\n")
        }
    }

    @Test func `times are those of the token`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let token = try await rig.ask("/v1/token/billing").token
            let now = Int(rig.clock.now().sinceEpoch.components.seconds)
            let report = try rig.report()
            #expect(report.expiresAt == token.expiresAt)
            #expect(report.nextAttemptAt == now + 2_700)
            #expect(report.diesAt == now + 3_590)
            #expect(try metric(rig, #"tokenbroker_token_expiry_seconds{client="billing"}"#) == 3_600)
            rig.advance(by: .milliseconds(500))
            #expect(try metric(rig, #"tokenbroker_token_expiry_seconds{client="billing"}"#) == 3_599)
        }
    }

    @Test func `an attempt is due now while the server is asked, and later while the server wants to be left alone`()
        async throws
    {
        try await withBroker { rig in
            try rig.start(rig.client("billing") + rig.client("sales") + rig.client("other"))
            rig.server.setBehaviour(.held, times: 1)
            let waiting = rig.begin("/v1/token/billing")
            _ = try await rig.server.counters { $0.held == 1 }
            let now = Int(rig.clock.now().sinceEpoch.components.seconds)
            #expect(try rig.report().nextAttemptAt == now)
            rig.server.release()
            #expect(try await waiting.answer().status == 200)

            rig.server.setBehaviour(.error("slow_down", status: 429, retryAfter: "600"), times: 1)
            #expect(try await rig.ask("/v1/token/sales").status == 503)
            // Who waits for nothing that can come in time hears so at once.
            let other = try rig.answer("/v1/token/other")
            #expect(other.status == 503)
            #expect(try other.error.cause == "server_paused")
            #expect(other.header("Retry-After") == "600")
            let report = try rig.report("other")
            #expect(report.state == .expired && report.nextAttemptAt == now + 600)
            #expect(try rig.status.servers.first?.pausedUntil == now + 600)
            rig.advance(by: .seconds(1))
            #expect(try await rig.begin("/v1/clients/other/refresh", method: .post, on: .admin).answer().status == 503)
            rig.advance(by: .seconds(600))
            try await rig.until { try rig.report("other").state == .fresh }
        }
    }

    @Test(
        arguments: [
            ("Fri, 15 Jan 2027 08:00:20 GMT", 20, nil),
            ("Fri, 15 Jan 2027 08:05:00 GMT", 300, "its clock is 5m ahead of this machine's"),
            ("Fri, 15 Jan 2027 07:00:00 GMT", -3_599, "its clock is 59m 59s behind this machine's"),
        ] as [(String, Int, String?)]
    )
    func `a server's clock that differs is shown`(date: String, skew: Int, warning: String?) async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            var behaviour = Behaviour()
            behaviour.headers = ["Date": date]
            rig.server.setBehaviour(behaviour)
            _ = try await rig.ask("/v1/token/billing")
            let server = try #require(try rig.status.servers.first)
            #expect(server.clockSkew == skew)
            #expect(server.warnings.first.map { $0.prefix { $0 != ";" } } == warning.map { $0[...] })
            #expect(!rig.log.lines(with: "clock and this machine's differ").isEmpty == (warning != nil))
        }
    }

    @Test func `the server's name for a request that failed, and its own code, are in the status and the log`()
        async throws
    {
        try await withBroker { rig in
            try rig.start(rig.client("billing", #"provider = "entra""#))
            rig.server.setBehaviour(
                .answer(
                    status: 400,
                    body: #"{"error":"invalid_grant","error_description":"AADSTS50196","error_codes":[50196]}"#,
                    headers: ["x-ms-request-id": "6f7a"]
                )
            )
            #expect(try await rig.ask("/v1/token/billing").status == 502)
            let report = try rig.report()
            #expect(report.lastError?.requestID == "6f7a" && report.lastError?.providerCode == "50196")
            #expect(report.state == .misconfigured && report.nextAttemptAt == nil)
            #expect(!rig.log.lines(with: "6f7a").isEmpty)
            rig.advance(by: .seconds(86_400))
            #expect(try rig.answer("/v1/token/billing").status == 502)
            #expect(rig.server.counters().tokenRequests == 1)
        }
    }

    @Test func `the likeliest cause goes with a failure wherever it is told`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let watcher = rig.begin("/v1/watch/billing")
            #expect(try await watcher.event()?.cause == nil)
            rig.server.setBehaviour(.error("invalid_client", status: 401))
            let heard = try await rig.ask("/v1/token/billing").error
            #expect(heard.cause == "invalid_client" && heard.likelyCause == "wrong_secret")
            let shown = try #require(try rig.report().lastError)
            #expect(shown.cause == "invalid_client" && shown.likelyCause == "wrong_secret")
            #expect(try await watcher.event()?.state == .fetching)
            let told = try #require(try await watcher.event())
            #expect(told.cause == "invalid_client" && told.likelyCause == "wrong_secret" && told.remedy == shown.remedy)
            let events = try await rig.ask("/v1/events?since=0", on: .admin).document(EventsDocument.self).events
            let event = try #require(events.last { $0.event == "fetch" })
            #expect(event.outcome == "client_misconfigured" && event.cause == "invalid_client")
            #expect(event.likelyCause == "wrong_secret" && event.remedy == shown.remedy)
            #expect(try rig.answer("/v1/token/billing").error.likelyCause == "wrong_secret")
        }
    }

    @Test func `a client is as bad as the worst of its slots in use`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", #"scopes = ["a", "b"]"#))
            _ = try await rig.ask("/v1/token/billing")
            rig.server.setBehaviour(.error("invalid_scope"), times: 1)
            #expect(try await rig.ask("/v1/token/billing?scope=a").status == 502)
            let report = try rig.report()
            #expect(report.state == .misconfigured)
            #expect(report.lastError?.cause == "invalid_scope")
            #expect(report.slots.map(\.state) == [.fresh, .misconfigured])
            #expect(rig.broker.statusLine == "1 client: 1 misconfigured (billing)")
        }
    }

    @Test func `fetches and token requests are counted by how they ended`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            _ = try await rig.ask("/v1/token/billing")
            _ = try await rig.ask("/v1/token/billing")
            _ = try rig.answer("/v1/token/billing?scope=beyond")
            _ = try rig.answer("/v1/token/billing", uid: BrokerRig.ann)
            _ = try rig.answer("/v1/token/bollong")
            _ = try rig.answer("/v1/token/bollong", uid: BrokerRig.ann)
            for (sample, count) in [
                (#"tokenbroker_fetches_total{client="billing",result="miss"}"#, 1),
                (#"tokenbroker_fetches_total{client="billing",result="hit"}"#, 1),
                (#"tokenbroker_fetches_total{client="billing",result="invalid_request"}"#, 1),
                (#"tokenbroker_fetches_total{client="billing",result="access_denied"}"#, 1),
                // The names that callers make up are no labels.
                (#"tokenbroker_fetches_total{client="",result="access_denied"}"#, 2),
                (#"tokenbroker_token_requests_total{client="billing",outcome="success"}"#, 1),
                ("tokenbroker_token_request_seconds_count", 1),
                (#"tokenbroker_build_info{version="1.2.3"}"#, 1),
            ] {
                #expect(try metric(rig, sample) == count, "\(sample)")
            }
            #expect(try !rig.answer("/metrics", on: .admin).body.contains("bollong"))
        }
    }

    @Test func `servers show what is under way and what waits`() async throws {
        try await withBroker { rig in
            try rig.start(
                "[servers.\"http://127.0.0.1:\(rig.server.port)\"]\nconcurrent = 1\n"
                    + rig.client("billing") + rig.client("sales")
            )
            rig.server.setBehaviour(.held)
            _ = rig.begin("/v1/token/billing")
            _ = rig.begin("/v1/token/sales")
            try await rig.server.counters { $0.held == 1 }
            let server = try #require(try rig.status.servers.first)
            #expect(
                server
                    == ServerStatus(
                        origin: "http://127.0.0.1:\(rig.server.port)",
                        inFlight: 1,
                        waiting: 1,
                        failing: false,
                        requestsPerSecond: 20
                    )
            )
            rig.server.release()
        }
    }

    /// Holds the status document's states against those expected, and the other forms against the document.
    private func expectAgreement(_ rig: BrokerRig, _ states: [String: String]) throws {
        let status = try rig.status
        #expect(Dictionary(uniqueKeysWithValues: status.clients.map { ($0.client, $0.state.rawValue) }) == states)
        let metrics = try rig.answer("/metrics", on: .admin).body
        let shown = metrics.split(separator: "\n").filter { $0.hasPrefix("tokenbroker_client_state{") }
        #expect(
            shown.map(String.init)
                == states.sorted { $0.key < $1.key }.map {
                    #"tokenbroker_client_state{client="\#($0.key)",state="\#($0.value)"} 1"#
                }
        )
        let isWell = !states.values.contains { ["expired", "misconfigured", "login_required"].contains($0) }
        let ready = try rig.answer("/readyz", on: .admin)
        #expect(ready.status == (isWell && status.alarms.isEmpty ? 200 : 503))
        #expect(ready.body.hasSuffix(": \(rig.broker.statusLine)\n"))
        for state in Set(states.values) {
            #expect(rig.broker.statusLine.contains("\(states.values.count { $0 == state }) \(state)"))
        }
        for alarm in status.alarms { #expect(rig.broker.statusLine.contains(alarm.message)) }
        for client in status.clients {
            #expect(client.serving == (client.state == .fresh))
            #expect((client.lastError == nil) == ["idle", "fresh"].contains(client.state.rawValue))
        }
    }

    private func metric(_ rig: BrokerRig, _ sample: String) throws -> Int? {
        let lines = try rig.answer("/metrics", on: .admin).body.split(separator: "\n")
        return lines.first { $0.hasPrefix("\(sample) ") }.flatMap { Int($0.dropFirst(sample.count + 1)) }
    }
}
