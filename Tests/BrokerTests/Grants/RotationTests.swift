import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing
import TokenStore

@testable import Broker

/// A refresh token and its successors, through the whole broker.
@Suite(.timeLimit(.minutes(5))) struct RotationTests {
    @Test func `each refresh presents the newest refresh token, and stores the next with the access token`()
        async throws
    {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            var tokens = [try await rig.ask("/v1/token/billing").token.accessToken]
            for sequence in 2...5 {
                #expect(try rig.held.grant.sequence == Int64(sequence))
                #expect(try rig.held.intent == nil)
                #expect(try rig.stored.map(\.token.value) == [Secret(tokens.last ?? "")])
                tokens.append(try await rig.refreshed())
            }
            #expect(Set(tokens).count == 5)
            #expect(rig.judgements == Array(repeating: .current, count: 5))
            #expect(try rig.report().grant?.sequence == 6)
            // Each on a connection that no other request used.
            #expect(Set(rig.server.requests().map(\.connection)).count == 5)
        }
    }

    @Test func `several scopes of one refresh token are asked for one after the other`() async throws {
        try await withBroker { rig in
            let scopes = (1...5).map { "s\($0)" }
            let allowed = scopes.map { "\"\($0)\"" }.joined(separator: ", ")
            try rig.start(
                rig.loggedIn(scope: scopes.joined(separator: " "), "allow = [{ user = 0, scopes = [\(allowed)] }]")
            )
            let pending = (0..<200).map { rig.begin("/v1/token/billing?scope=\(scopes[$0 % 5])") }
            var tokens: Set<String> = []
            for answer in pending {
                let answer = try await answer.answer()
                try #require(answer.status == 200, "\(answer.body)")
                tokens.insert(try answer.token.accessToken)
            }
            #expect(tokens.count == 5)
            #expect(rig.judgements == Array(repeating: .current, count: 5))
            #expect(rig.server.counters().total.maximumInFlight == 1)
        }
    }

    @Test(arguments: [ConnectionFault.dropBeforeAnswer, .dropMidAnswer, .reset, .notHTTP])
    func `an answer that is lost costs nothing where the server has a grace window`(fault: ConnectionFault) async throws
    {
        try await withBroker { rig in
            var policy = RotationPolicy()
            policy.graceWindow = .seconds(10)
            rig.server.setRotation(policy)
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            rig.server.setBehaviour(.fault(fault), times: 1)
            #expect(try await rig.refresh().status == 503)
            #expect(try rig.held.intent?.attempts == 1)
            #expect(try rig.report().grant?.warning?.contains("presented once without") == true)
            // Callers go on, and the same token is presented once more within two seconds.
            #expect(try rig.answer("/v1/token/billing").status == 200)
            rig.advance(by: .seconds(2))
            try await rig.until { try rig.report().state == .fresh }
            #expect(rig.judgements == [.current, .current, .replayGranted])
            #expect(try rig.held.intent == nil)
        }
    }

    @Test(arguments: [ConnectionFault.dropBeforeAnswer, .resetMidAnswer])
    func `without one the operator hears what happened, and the refresh token is kept in quarantine`(
        fault: ConnectionFault
    ) async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            let before = try await rig.ask("/v1/token/billing").token
            rig.server.setBehaviour(.fault(fault), times: 1)
            _ = try await rig.refresh()
            rig.advance(by: .seconds(2))
            try await rig.until { try rig.report().state == .loginRequired }
            #expect(rig.judgements == [.current, .current, .replayRefused])
            let report = try rig.report()
            #expect(report.grant?.standing == .refused)
            #expect(report.grant?.refused?.unansweredAttempts == 1)
            #expect(report.lastError?.unansweredAttempts == 1)
            #expect(
                report.lastError?.summary.contains("without an answer") == true,
                "\(report.lastError?.summary ?? "")"
            )
            guard case .refused(let refusal) = try rig.grants.first?.standing else {
                Issue.record("not in quarantine")
                return
            }
            #expect(refusal.error == "invalid_grant" && refusal.serverWords == "the refresh token was used before")
            // What is cached serves on; then nothing is asked any more.
            #expect(try rig.answer("/v1/token/billing").token.accessToken == before.accessToken)
            rig.advance(by: .seconds(7_200))
            #expect(try rig.answer("/v1/token/billing").error.error == "login_required")
            #expect(try await rig.refresh().status == 409)
            #expect(rig.judgements.count == 3)
            // A new first refresh token takes its place.
            try rig.logIn()
            rig.advance(by: .seconds(6))
            try await rig.until { try rig.report().state == .fresh }
            #expect(try rig.held.grant.sequence == 2)
            #expect(rig.judgements.count == 4)
        }
    }

    @Test(
        arguments: [
            .badGateway(actsFirst: false),
            .answer(status: 200, body: "<html>Please log in</html>", contentType: "text/html"),
            .answer(status: 200, body: "{\"access_tok"), .answer(status: 429, body: ""),
            .error("temporarily_unavailable", status: 503),
        ] as [Behaviour]
    )
    func `ten minutes of an outage lose no grant`(behaviour: Behaviour) async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            rig.server.setBehaviour(behaviour)
            let end = rig.clock.now().sinceBoot + .seconds(3_600)
            rig.advance(by: .seconds(2_750))
            while rig.clock.now().sinceBoot < end - .seconds(240) {
                try await rig.until { !rig.isAskingServer }
                rig.advance(by: min(max(.zero, (rig.deadlines.next ?? end) - rig.clock.now().sinceBoot), .seconds(20)))
                #expect(try rig.answer("/v1/token/billing").status == 200)
            }
            rig.server.clearBehaviours()
            while try rig.report().state != .fresh {
                try await rig.until { !rig.isAskingServer }
                if try rig.report().state != .fresh { rig.advance(by: .seconds(5)) }
            }
            #expect(try rig.held.standing == .held)
            #expect(!rig.server.rotationVerdict(of: "billing-id").familyIsRevoked)
            #expect(rig.judgements.allSatisfy { !$0.isRefused && !$0.isReplay })
        }
    }

    @Test func `a request that was refused for the client's configuration spends nothing`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            rig.server.setBehaviour(.error("invalid_client", status: 401), times: 1)
            #expect(try await rig.refresh().status == 502)
            #expect(try rig.held.intent == nil)
            #expect(try await rig.refresh().status == 200)
            #expect(rig.judgements.allSatisfy { $0 != .replayRefused })
        }
    }

    @Test func `a server that does not rotate is asked with the same refresh token for ever`() async throws {
        try await withBroker { rig in
            var policy = RotationPolicy()
            policy.rotates = false
            rig.server.setRotation(policy)
            try rig.start(rig.loggedIn("billing", "rotation = \"never\""))
            _ = try await rig.ask("/v1/token/billing")
            for _ in 0..<3 { _ = try await rig.refreshed() }
            #expect(try rig.held.grant.sequence == 1)
            #expect(try rig.held.grant.isRotating == false)
        }
    }
}
