import Diagnosis
import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

@testable import Broker

/// What the daemon knows of a client without asking anybody.
@Suite(.timeLimit(.minutes(5))) struct HistoryTests {
    private func client(_ rig: BrokerRig) throws -> Client {
        try #require(rig.broker.directory.snapshot.clients["billing"])
    }

    private func findings(_ rig: BrokerRig) throws -> Set<Finding> {
        Set(try client(rig).observations().map(\.finding))
    }

    @Test func `whether it ever worked, and whether the secret has changed since`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            #expect(try findings(rig) == [.neverWorked])
            #expect(try client(rig).symptom().map(\.failure) == nil)
            _ = try await rig.ask("/v1/token/billing")
            #expect(try findings(rig) == [.workedBefore, .secretUnchanged])
            try rig.files.write("n3w-s3cret", to: "billing.secret")
            #expect(try findings(rig) == [.workedBefore, .secretChanged])
            let words = try client(rig).observations().map(\.evidence).joined()
            #expect(!words.contains("n3w-s3cret") && !words.contains(BrokerRig.secret(of: "billing")))
            let other = rig.client().replacing("billing-id", with: "other-id")
            _ = try await rig.reload(other)
            #expect(try findings(rig) == [.identifierChanged])
        }
    }

    @Test func `a token of before the restart shows that it worked`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            _ = try await rig.ask("/v1/token/billing")
            let again = try await BrokerRig.restarted(rig, rig.client())
            #expect(try findings(again) == [.workedBefore])
            await again.stop()
        }
    }

    @Test func `the failure that stands is the symptom, with the clocks as it found them`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", #"provider = "cognito""#))
            rig.server.setBehaviour(.error("unauthorized_client"), times: 1)
            #expect(try await rig.ask("/v1/token/billing").status == 502)
            let symptom = try #require(try client(rig).symptom())
            #expect(symptom.provider == .cognito && symptom.grant == .clientCredentials)
            #expect(symptom.failure.error == "unauthorized_client")
        }
    }

    @Test func `a refresh token that was taken over, and what became of it`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn("billing", "refresh_token_lifetime = \"30d\"\nrefresh_token_idle = \"7d\""))
            try await rig.until { try findings(rig).contains(.refreshTokenNeverWorked) }
            _ = try await rig.ask("/v1/token/billing")
            #expect(try !findings(rig).contains(.refreshTokenNeverWorked))
            rig.server.setBehaviour(.fault(.dropBeforeAnswer))
            _ = try await rig.refresh()
            #expect(try findings(rig).contains(.refreshTokenUnanswered))
            rig.clock.setSinceBoot(rig.clock.now().sinceBoot + .seconds(8 * 86_400))
            #expect(try findings(rig).contains(.refreshTokenIdle))
            #expect(try !findings(rig).contains(.refreshTokenOverAge))
            rig.clock.setSinceBoot(rig.clock.now().sinceBoot + .seconds(30 * 86_400))
            #expect(try findings(rig).contains(.refreshTokenOverAge))
        }
    }

    @Test func `of a chain of errors with one refresh token the first is told, and shown`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            rig.server.setBehaviour(.error("invalid_request"), times: 1)
            #expect(try await rig.ask("/v1/token/billing").status == 502)
            rig.server.setBehaviour(.error("invalid_grant"), times: 1)
            #expect(try await rig.refresh().error.code == .loginRequired)
            let shown = try #require(try rig.report().lastError)
            #expect(shown.cause == "invalid_grant" && shown.firstError == "invalid_request")
            #expect(shown.summary.contains("answered invalid_request"))
            #expect(try findings(rig).contains(.firstErrorOfChain))
            // Whoever asks later hears the same.
            #expect(try rig.answer("/v1/token/billing").error.errorDescription == shown.summary)
        }
    }

    @Test func `a code that another secret's refusal consumed is explained by the refusal`() async throws {
        try await withBroker { rig in
            let text = rig.browserClient()
                .replacing("{ file = \"billing.secret\" }", with: "[{ file = \"1.secret\" }, { file = \"2.secret\" }]")
            for name in ["1", "2"] { try rig.files.write(name, to: "\(name).secret") }
            try rig.start(text)
            let stream = rig.beginLogin()
            let event = try await stream.login()
            rig.server.setBehaviour(.error("invalid_client", status: 401), times: 1)
            rig.server.setBehaviour(.error("invalid_grant"), times: 1)
            rig.advance(by: .seconds(20))
            _ = try await rig.redirect(event)
            let failed = try #require(try await stream.lastLogin().failure)
            #expect(failed.cause == "invalid_client" && failed.likelyCause == "wrong_secret")
            #expect(failed.errorDescription?.contains("each of 2 secrets") == true)
            #expect(try client(rig).symptom()?.grant == .authorizationCode)
            let found = try findings(rig)
            #expect(found.isSuperset(of: [.firstErrorOfChain, .codePresentedBefore]))
            #expect(found.contains(.codeFresh) && !found.contains(.codePresentedOnce))
        }
    }

    @Test func `a code that comes late is found to be old, until a login succeeds`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient("provider = \"keycloak\""))
            let stream = rig.beginLogin()
            let event = try await stream.login()
            rig.advance(by: .seconds(120))
            rig.server.setBehaviour(.error("invalid_grant"), times: 1)
            _ = try await rig.redirect(event)
            _ = try await stream.lastLogin()
            #expect(try findings(rig).isSuperset(of: [.codeOverAge, .codePresentedOnce]))
            _ = try await rig.login(of: "1")
            #expect(try !findings(rig).contains(.codeOverAge))
            #expect(try client(rig).symptom().map(\.failure) == nil)
        }
    }

    @Test func `a login that failed is history once the grant that stayed brings a token`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            _ = try await rig.login(of: "1")
            let stream = rig.beginLogin()
            let event = try await stream.login()
            rig.server.setBehaviour(.error("invalid_grant"), times: 1)
            rig.advance(by: .seconds(20))
            _ = try await rig.redirect(event)
            _ = try await stream.lastLogin()
            #expect(try client(rig).symptom()?.grant == .authorizationCode)
            rig.advance(by: .seconds(20))
            _ = try await rig.refresh()
            #expect(try client(rig).symptom().map(\.failure) == nil)
        }
    }
}
