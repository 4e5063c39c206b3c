import Diagnosis
import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

@testable import Broker

/// What a diagnosis must not do, and when it ends.
@Suite(.timeLimit(.minutes(5))) struct DiagnosisSafetyTests {
    @Test func `a rotating refresh token is not presented, and goes on`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            let live = Set(rig.server.refreshTokens().map(\.value.exposed))
            let held = try rig.held
            let report = try await rig.diagnosed(spending: true)
            #expect(report.healthy)
            let seen = rig.server.requests().dropFirst().flatMap(\.parameters).filter { $0.name == "refresh_token" }
            #expect(!seen.isEmpty && live.isDisjoint(with: seen.map(\.verbatim.exposed)))
            #expect(try rig.held == held)
            #expect(rig.server.requests().dropFirst().allSatisfy { $0.grant == "refresh_token" })
            _ = try await rig.refreshed()
            #expect(rig.judgements.filter { $0 != .unknown } == [.current, .current])
        }
    }

    @Test func `which secret works is as before`() async throws {
        try await withBroker(registered: ["billing-id": "right"]) { rig in
            let table = rig.client().replacing(
                #"{ file = "billing.secret" }"#,
                with: #"[{ file = "1.secret" }, { file = "2.secret" }]"#
            )
            try rig.files.write("old", to: "1.secret")
            try rig.files.write("right", to: "2.secret")
            try rig.start(table)
            _ = try await rig.diagnosis()
            // Both were tried, and one was right.
            #expect(rig.server.requests().prefix(2).map { $0.secret?.exposed } == ["old", "right"])
            #expect(try rig.report().clientSecret?.working == nil)
            #expect(rig.log.lines(with: "Another of the client's secrets").isEmpty)
        }
    }

    @Test func `a secret that cannot be read is the verdict, and nobody is asked`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            _ = try await rig.attempted()
            let count = rig.server.counters().tokenRequests
            try rig.files.remove("billing.secret")
            let report = try await rig.diagnosed()
            #expect(!report.healthy && report.failure?.error == "secret_unreadable")
            #expect(report.probes.isEmpty && report.causes.first?.remedy.isEmpty == false)
            #expect(rig.server.counters().tokenRequests == count)
        }
    }

    @Test func `a secret that could not be read, and can be by now, is no cause`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            try rig.files.remove("billing.secret")
            _ = try await rig.attempted()
            #expect(try await rig.diagnosed().failure?.error == "secret_unreadable")
            try rig.files.write(BrokerRig.secret(of: "billing"), to: "billing.secret")
            let report = try await rig.diagnosed()
            #expect(report.healthy && report.causes.isEmpty)
        }
    }

    @Test func `one client at a time, and no longer than a minute`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client() + rig.client("sales"))
            let pending = try await rig.heldDiagnosis()
            let second = rig.begin(BrokerRig.diagnosis(of: "sales"), method: .post, on: .admin)
            #expect(try second.now?.status == 429)
            rig.advance(by: Diagnoser.patience)
            let report = try await pending.answer().document(DiagnosisReport.self)
            #expect(report.notes.contains { $0.contains("time was over") } && !report.healthy)
            #expect(rig.broker.budgets.reports().allSatisfy { $0.inFlight == 0 && $0.waiting == 0 })
            rig.server.release()
            rig.server.clearBehaviours()
            #expect(try await rig.diagnosed("sales").healthy)
        }
    }

    @Test func `it ends when the operator leaves`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let pending = try await rig.heldDiagnosis()
            rig.hangUp(pending)
            try await rig.until { try pending.now != nil }
            rig.server.release()
            rig.server.clearBehaviours()
            let count = rig.server.counters().tokenRequests
            #expect(try await rig.diagnosed().healthy)
            #expect(count == 1)
        }
    }

    @Test func `a broker that stops does not wait for it, and says so`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let pending = try await rig.heldDiagnosis()
            rig.broker.endWaits()
            #expect(try pending.now?.error.cause == "stopping")
            let late = rig.begin(BrokerRig.diagnosis(of: "billing"), method: .post, on: .admin)
            #expect(try late.now?.status == 503)
            rig.server.release()
        }
    }

    @Test func `a reload meanwhile takes nothing from it`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let pending = try await rig.heldDiagnosis()
            #expect(try await rig.reload(rig.client("sales")).status == 200)
            rig.server.release()
            try await rig.takingTurns { try pending.now != nil }
            #expect(try pending.now?.status == 200)
        }
    }

    @Test func `a server that wants to be left alone is not asked`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.server.setBehaviour(.answer(status: 429, body: "", headers: ["Retry-After": "600"]), times: 1)
            _ = try await rig.attempted()
            let report = try await rig.diagnosed()
            #expect(rig.server.requests().count == 1)
            #expect(!report.healthy)
        }
    }

    @Test func `a client whose server could not be asked is not called healthy`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client() + rig.client("sales"))
            rig.server.setBehaviour(.answer(status: 429, body: "", headers: ["Retry-After": "600"]), times: 1)
            _ = try await rig.attempted("sales")
            let report = try await rig.diagnosed()
            #expect(rig.server.requests().count == 1)
            #expect(!report.healthy && report.causes.isEmpty && report.verdict.contains("could be asked"))
        }
    }

    @Test func `a client_id that is the secret is not told`() async throws {
        try await withBroker { rig in
            let secret = "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnop"
            let text = rig.client("billing", #"provider = "cognito""#).replacing("billing-id", with: secret)
            try rig.files.write("1example234567890123456789", to: "billing.secret")
            try rig.start(text)
            let answer = try await rig.diagnosis()
            #expect(answer.status == 200 && !answer.body.contains(secret))
        }
    }

    @Test func `it is recorded as a command, and knows its clients`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            _ = try await rig.diagnosis()
            let events = try await rig.begin("/v1/events", on: .admin).answer().document(EventsDocument.self).events
            #expect(events.filter { $0.command == "diagnose" }.map(\.client) == ["billing"])
            let unknown = rig.begin(BrokerRig.diagnosis(of: "nobody"), method: .post, on: .admin)
            #expect(try unknown.now?.status == 404)
        }
    }
}
