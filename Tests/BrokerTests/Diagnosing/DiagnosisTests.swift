import Diagnosis
import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

@testable import Broker

/// An operator's diagnosis, through the whole broker: what it asks, what it tells, and what it leaves as it was.
@Suite(.timeLimit(.minutes(5))) struct DiagnosisTests {
    private func names(_ report: DiagnosisReport) -> [String] { report.probes.map(\.name) }

    @Test func `a healthy client is called healthy, with its token's claims`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", "scopes = [\"read\"]"))
            // {"iss":"https://issuer.example","client_id":"billing-id","sub":"billing-id","email":"ann@example.com"}
            let token = """
                e30.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwiY2xpZW50X2lkIjoiYmlsbGluZy1pZCIsInN1YiI6ImJpbGxpbmct\
                aWQiLCJlbWFpbCI6ImFubkBleGFtcGxlLmNvbSJ9.c2lnbmF0dXJl
                """
            let body = #"{"access_token":"\#(token)","token_type":"Bearer","expires_in":3600,"scope":"read"}"#
            rig.server.setBehaviour(.answer(status: 200, body: body), times: 1)
            #expect(try await rig.attempted().status == 200)
            let before = try rig.report()
            let answer = try await rig.diagnosis()
            let report = try answer.document(DiagnosisReport.self)
            #expect(answer.status == 200 && report.healthy && report.causes.isEmpty, "\(answer.body)")
            #expect(report.client == "billing" && report.grant == "client_credentials" && report.failure == nil)
            // Whom the server's support knows.
            #expect(report.clientID == "billing-id" && report.tokenEndpoint == rig.server.tokenEndpoint)
            #expect(report.daemonVersion != nil)
            let health = try #require(report.health)
            #expect(health.roundTripMilliseconds != nil && health.scope == "read")
            #expect(health.expiresIn.map { (3_500...3_600).contains($0) } == true)
            #expect(
                health.claims
                    == ["iss": "https://issuer.example", "client_id": "billing-id", "sub": "billing-id"]
            )
            #expect(names(report).contains("fake_refresh_token") && names(report).contains("connection"))
            #expect(try rig.report() == before)
            #expect(try rig.answer("/v1/token/billing").token.accessToken == token)
            #expect(rig.broker.budgets.reports().allSatisfy { $0.inFlight == 0 && $0.waiting == 0 })
        }
    }

    @Test(arguments: [
        Behaviour.error("invalid_client", status: 401), .error("unauthorized_client", status: 400),
        .error("invalid_scope", status: 400), .answer(status: 405, body: ""), .answer(status: 500, body: ""),
    ])
    func `a failing client is called that, with what the server said`(behaviour: Behaviour) async throws {
        try await withBroker { rig in
            rig.server.setBehaviour(behaviour)
            try rig.start(rig.client())
            _ = try await rig.attempted()
            let before = try rig.report()
            let report = try await rig.diagnosed()
            #expect(!report.healthy && report.health == nil)
            #expect(report.failure?.error == before.lastError?.cause)
            #expect(report.failure?.at == before.lastError?.at)
            // By which the server's support finds the client.
            #expect(report.clientID == "billing-id" && report.daemonVersion != nil)
            #expect(report.tokenEndpoint == rig.server.tokenEndpoint)
            #expect(!report.verdict.isEmpty && report.causes.first?.remedy.isEmpty == false)
            // It counts as no attempt, and tells no slot anything.
            #expect(try rig.report() == before)
        }
    }

    @Test func `a server that is down is not called the client's fault`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            await rig.server.stop()
            _ = try await rig.attempted()
            let report = try await rig.diagnosed()
            #expect(!report.healthy && report.failure?.error == "connection_refused")
        }
    }

    @Test func `a client that nobody asked for yet is diagnosed by what its server says now`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", "keep_warm = \"never\""))
            rig.server.setBehaviour(.error("invalid_client", status: 401))
            let report = try await rig.diagnosed()
            #expect(rig.server.requests().first?.grant == "refresh_token")
            #expect(!report.healthy && report.failure?.error == "invalid_client" && report.failure?.at == nil)
            #expect(try rig.report().state == .idle)
        }
    }

    @Test func `what the provider bills is asked for with the operator's word alone`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", "provider = \"cognito\""))
            var report = try await rig.diagnosed()
            #expect(report.healthy && !names(report).contains("as_configured"))
            #expect(rig.server.requests().allSatisfy { $0.grant != "client_credentials" })
            #expect(rig.server.issuedTokens().isEmpty)
            report = try await rig.diagnosed(spending: true)
            #expect(report.healthy && names(report).contains("as_configured"))
            #expect(rig.server.issuedTokens().count == 1)
            // It was looked at, and is kept nowhere.
            #expect(try rig.stored.isEmpty && rig.report().state == .idle)
        }
    }

    @Test func `nothing that is presented is in the report or the log`() async throws {
        try await withBroker(registered: ["billing-id": "hunter2-of-billing"]) { rig in
            try rig.start(rig.client("billing", #"client_authentication = "client_secret_post""#))
            rig.server.setBehaviour(.error("invalid_client", description: "no hunter2-of-billing", status: 401))
            _ = try await rig.attempted()
            let failing = try await rig.diagnosis()
            rig.server.clearBehaviours()
            #expect(try await rig.refresh().status == 200)
            let healthy = try await rig.diagnosis()
            let presented = rig.server.requests().flatMap { request in
                request.parameters.filter { SeenParameter.secretNames.contains($0.name) }.map(\.verbatim.exposed)
                    + [request.secret?.exposed].compactMap(\.self)
            }
            let secrets = Set(presented + rig.server.issuedTokens().map(\.value))
            #expect(secrets.count > 3)
            for text in [failing.body, healthy.body] + rig.log.lines {
                for secret in secrets { #expect(!text.contains(secret), "\(text)") }
            }
        }
    }

    @Test func `what is made up is another each time`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            for _ in 0..<3 { _ = try await rig.diagnosis() }
            let tokens = rig.server.requests().flatMap(\.parameters).filter { $0.name == "refresh_token" }
            #expect(tokens.count == 3 && Set(tokens.map(\.verbatim.exposed)).count == 3)
            #expect(tokens.allSatisfy { $0.verbatim.exposed.hasPrefix("tokenbroker-probe-") })
        }
    }
}
