import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing
import TokenStore

@testable import Broker

/// Logins in a browser, from the operator's request to a grant that is held.
@Suite(.timeLimit(.minutes(5))) struct BrowserLoginTests {
    @Test func `a client that nobody logged in says so, and how to`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let heard = try rig.answer("/v1/token/billing").error
            #expect(heard.error == "login_required" && heard.cause == "never_logged_in")
            #expect(heard.remedy == "Log in: `tokenctl login billing`.")
            let plan = try rig.answer("/v1/clients/billing/login", on: .admin).document(LoginPlanDocument.self)
            #expect(plan.flow == .browser && plan.redirectUri == "http://127.0.0.1:0/callback" && plan.subject == nil)
        }
    }

    @Test func `a login brings a token that is served at once, and a grant that goes on`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient(#"scopes = ["mail"]"#))
            let given = rig.grantAnswer()
            let stream = rig.beginLogin()
            let event = try await stream.login()
            let query = try event.query
            #expect(event.event == .authorize && event.redirectUri == "http://127.0.0.1:8123/callback")
            #expect(event.expiresAt == 1_800_000_600)
            #expect(query["response_type"] == "code" && query["client_id"] == "billing-id" && query["scope"] == "mail")
            #expect(query["redirect_uri"] == event.redirectUri && query["code_challenge_method"] == "S256")
            rig.server.setBehaviour(given.behaviour, times: 1)
            let answer = try await rig.redirect(event)
            #expect(answer.status == 202)
            #expect(try answer.document(LoginRedirectAnswer.self).granted)
            #expect(try await stream.login().event == .redeeming)
            let done = try await stream.login()
            #expect(done.event == .done && done.subject == "ann@example.com" && done.refreshable == true)
            #expect(done.scope == "mail" && done.previousSubject == nil && done.note == nil)
            #expect(try await stream.line() == nil)
            let request = try #require(rig.server.requests().last)
            #expect(request.grant == "authorization_code" && request.parameter("redirect_uri") == event.redirectUri)
            let verifier = try #require(request.parameters.first { $0.name == "code_verifier" }).verbatim.exposed
            #expect(verifier.utf8.count >= 43)
            #expect(query["code_challenge"] == BrowserLogin.challenge(of: Secret(verifier)))
            // No other request is made for it.
            #expect(try rig.answer("/v1/token/billing").token.accessToken == given.accessToken)
            #expect(rig.server.requests().count == 1)
            #expect(try rig.held.grant.subject == LoginSubject(id: "1", name: "ann@example.com"))
            #expect(try rig.report().grant?.subject == "ann@example.com")
            rig.advance(by: .seconds(2_701))
            try await rig.until { rig.judgements == [.current] && !rig.isAskingServer }
            #expect(try rig.report().state == .fresh)
        }
    }

    @Test func `a restart takes the login up, and another grant kind keeps it`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let login = try await rig.login(of: "1")
            let other = rig.client("billing", "grant = \"refresh_token\"\nrefresh_token = { file = \"none\" }")
            let again = try await BrokerRig.restarted(rig, other)
            #expect(try again.answer("/v1/token/billing").token.accessToken == login.accessToken)
            #expect(try again.report().grant?.subject == "ann@example.com")
            await again.stop()
        }
    }

    @Test(arguments: [
        ("code=c", "wrong", "state_mismatch"), ("error=access_denied", "wrong", "state_mismatch"),
        ("nothing=1", nil, "malformed"), ("code=a&code=b", nil, "malformed"),
    ])
    func `a redirect of somebody else's does not end the login`(
        answer: String,
        state: String?,
        cause: String
    ) async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let stream = rig.beginLogin()
            let event = try await stream.login()
            let refused = try await rig.redirect(event, answer, state: state)
            #expect(refused.status == 400)
            #expect(try refused.error.cause == cause)
            #expect(stream.lines == [])
            rig.server.setBehaviour(rig.grantAnswer().behaviour, times: 1)
            #expect(try await rig.redirect(event).status == 202)
            #expect(try await stream.lastLogin().event == .done)
        }
    }

    @Test func `a redirect for an unknown login is refused`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let stream = rig.beginLogin()
            var event = try await stream.login()
            event.login = "guessed"
            #expect(try await rig.redirect(event).error.cause == "login_unknown")
            #expect(stream.lines == [])
        }
    }

    @Test func `of two redirects one is redeemed, and no code twice`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let stream = rig.beginLogin()
            let event = try await stream.login()
            rig.server.setBehaviour(.held, times: 1)
            #expect(try await rig.redirect(event, "code=one").status == 202)
            #expect(try await rig.redirect(event, "code=two").error.cause == "login_not_waiting")
            _ = try await rig.server.counters { $0.held == 1 }
            rig.server.release()
            #expect(try await stream.lastLogin().event == .failed)
            #expect(rig.server.requests().count == 1)
            #expect(try await rig.redirect(event, "code=one").error.cause == "login_unknown")
        }
    }

    @Test(arguments: [
        (Behaviour.fault(.reset), "login_required"), (.error("invalid_grant"), "login_required"),
        (.error("invalid_client", status: 401), "client_misconfigured"),
        (.badGateway(actsFirst: false), "login_required"), (.answer(status: 200, body: "{}"), "login_required"),
    ])
    func `a code that brings nothing is not presented again, and harms nothing`(
        behaviour: Behaviour,
        error: String
    ) async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let before = try await rig.login(of: "1")
            let stream = rig.beginLogin()
            let event = try await stream.login()
            rig.server.setBehaviour(behaviour, times: 1)
            #expect(try await rig.redirect(event).status == 202)
            let failed = try await stream.lastLogin()
            #expect(failed.event == .failed && failed.failure?.error == error)
            #expect(rig.server.requests().count == 2)
            #expect(try rig.answer("/v1/token/billing").token.accessToken == before.accessToken)
            #expect(try rig.report().grant?.standing == .held)
            #expect(try await rig.refreshed() != before.accessToken)
        }
    }

    @Test func `who declines ends the login`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let stream = rig.beginLogin()
            let answer = try await rig.redirect(try await stream.login(), "error=access_denied&error_description=No")
            #expect(try answer.document(LoginRedirectAnswer.self).granted == false)
            let failed = try await stream.login()
            #expect(failed.event == .failed && failed.failure?.error == "access_denied")
            #expect(failed.failure?.errorDescription == "the login was declined: access_denied, No")
            #expect(rig.server.requests().isEmpty)
        }
    }

    // MARK: Ends

    @Test func `one login a client is pending, until its connection ends`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let first = rig.beginLogin()
            let event = try await first.login()
            let second = try await rig.beginLogin().answer()
            #expect(second.status == 503)
            let error = try second.error
            #expect(error.cause == "login_pending" && error.retryAfter == 30)
            rig.hangUp(first)
            #expect(try await rig.redirect(event).error.cause == "login_unknown")
            #expect(try await rig.beginLogin().login().event == .authorize)
        }
    }

    @Test func `a login ends after ten minutes, and beats until then`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let stream = rig.beginLogin()
            _ = try await stream.login()
            rig.advance(by: .seconds(90))
            #expect(stream.lines == ["\n", "\n", "\n"])
            rig.advance(by: .seconds(509))
            #expect(stream.lines.allSatisfy { $0 == "\n" })
            rig.advance(by: .seconds(1))
            let failed = try await stream.lastLogin()
            #expect(failed.failure?.cause == "expired_token")
            #expect(try await stream.line() == nil)
        }
    }

    @Test func `a reload that changes the client ends its login`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let stream = rig.beginLogin()
            _ = try await stream.login()
            _ = try await rig.reload(rig.browserClient("allow = [{ user = 1001 }]"))
            #expect(stream.lines == [])
            _ = try await rig.reload(rig.browserClient(#"scopes = ["more"]"#))
            #expect(try await stream.lastLogin().failure?.cause == "client_changed")
        }
    }

    @Test func `neither the operator's leaving nor the daemon's stop loses what a code brings`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let given = rig.grantAnswer()
            let stream = rig.beginLogin()
            let event = try await stream.login()
            var behaviour = given.behaviour
            behaviour.hold = true
            rig.server.setBehaviour(behaviour, times: 1)
            _ = try await rig.redirect(event)
            _ = try await rig.server.counters { $0.held == 1 }
            rig.hangUp(stream)
            let stopping = rig.beginStopping()
            rig.server.release()
            await stopping?.value
            #expect(try rig.held.grant.refreshToken == Secret(given.refreshToken))
            #expect(try rig.stored.map(\.token.value) == [Secret(given.accessToken)])
        }
    }

    // MARK: Accounts

    @Test func `another account is not taken without the operator's word, and changes nothing`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let ann = try await rig.login(of: "1")
            let bob = try await rig.login(of: "2", email: "bob@example.com")
            #expect(bob.end.event == .failed && bob.end.failure?.cause == "account_differs")
            #expect(bob.end.failure?.remedy?.contains("tokenctl login --replace-account billing") == true)
            #expect(try rig.answer("/v1/token/billing").token.accessToken == ann.accessToken)
            #expect(try rig.grants.map(\.grant.refreshToken) == [Secret(ann.refreshToken)])
            // What was given up is revoked.
            #expect(rig.server.refreshTokens().first { $0.value.exposed == bob.refreshToken }?.isRevoked == true)
            #expect(rig.server.refreshTokens().first { $0.value.exposed == ann.refreshToken }?.isRevoked == false)
        }
    }

    @Test func `another account by the operator's word takes the place of all that was served`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient(#"allow = [{ user = 0, scopes = ["other"] }]"#))
            let ann = try await rig.login(of: "1")
            let other = try await rig.ask("/v1/token/billing?scope=other").token.accessToken
            let bob = try await rig.login(of: "2", email: "bob@example.com", "?port=8123&replace_account=true")
            #expect(bob.end.event == .done && bob.end.previousSubject == "ann@example.com")
            #expect(try rig.answer("/v1/token/billing").token.accessToken == bob.accessToken)
            try await rig.until { try !rig.grants.contains { $0.grant.subject?.id == "1" } }
            #expect(try !rig.stored.contains { [Secret(ann.accessToken), Secret(other)].contains($0.token.value) })
            // A slot is asked for at most once a second.
            rig.advance(by: .seconds(1))
            let again = try await rig.ask("/v1/token/billing?scope=other").token.accessToken
            #expect(again != other)
        }
    }

    @Test func `who is not known goes on, with a note`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            _ = try await rig.login(of: nil)
            let login = try await rig.login(of: nil)
            #expect(login.end.event == .done && login.end.subject == nil)
            #expect(login.end.note == "Whether it is the account of the login before is not known.")
            // The one before is kept until this one has worked.
            #expect(try rig.grants.count == 2)
        }
    }

    @Test func `who is not named is not taken for who was without the operator's word`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let ann = try await rig.login(of: "1")
            let nobody = try await rig.login(of: nil)
            #expect(nobody.end.event == .failed && nobody.end.failure?.cause == "account_differs")
            #expect(try rig.answer("/v1/token/billing").token.accessToken == ann.accessToken)
            #expect(try rig.grants.map(\.grant.refreshToken) == [Secret(ann.refreshToken)])
            // It may be the same account's.
            #expect(!rig.server.refreshTokens().contains { $0.isRevoked })
            let taken = try await rig.login(of: nil, "?port=8123&replace_account=true")
            #expect(taken.end.event == .done)
            #expect(try rig.answer("/v1/token/billing").token.accessToken == taken.accessToken)
        }
    }

    @Test func `a token that comes alone is not served beside a grant that may be another's`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let first = try await rig.login(of: nil)
            let given = rig.grantAnswer(of: "2", isRefreshable: false)
            let stream = rig.beginLogin()
            let event = try await stream.login()
            rig.server.setBehaviour(given.behaviour, times: 1)
            _ = try await rig.redirect(event)
            let done = try await stream.lastLogin()
            #expect(done.event == .done && done.note?.contains("goes on being used") == true)
            #expect(try rig.answer("/v1/token/billing").token.accessToken == first.accessToken)
        }
    }

    @Test func `another account that the disk does not take at first leaves nothing of the one before`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient(#"allow = [{ user = 0, scopes = ["other"] }]"#))
            let first = try await rig.login(of: nil)
            let other = try await rig.ask("/v1/token/billing?scope=other").token.accessToken
            let stream = rig.beginLogin("?port=8123&replace_account=true")
            let event = try await stream.login()
            let given = rig.grantAnswer(of: nil)
            rig.server.setBehaviour(given.behaviour, times: 1)
            try await rig.store.setReadOnly(true)
            _ = try await rig.redirect(event)
            #expect(try await stream.lastLogin().note?.contains("memory alone") == true)
            try await rig.store.setReadOnly(false)
            rig.advance(by: .seconds(60))
            try await rig.until { !rig.broker.alarms.isStanding(.grantUnsaved) }
            #expect(try rig.grants.map(\.grant.id.lineage).count == 1)
            #expect(try !rig.stored.contains { [Secret(first.accessToken), Secret(other)].contains($0.token.value) })
        }
    }

    @Test func `a login without a refresh token is served until its end`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let given = rig.grantAnswer(isRefreshable: false)
            let stream = rig.beginLogin()
            let event = try await stream.login()
            rig.server.setBehaviour(given.behaviour, times: 1)
            _ = try await rig.redirect(event)
            let done = try await stream.lastLogin()
            #expect(done.event == .done && done.refreshable == false && done.note?.contains("offline_access") == true)
            #expect(try rig.answer("/v1/token/billing").token.accessToken == given.accessToken)
            rig.advance(by: .seconds(2_701))
            #expect(try rig.answer("/v1/token/billing").token.accessToken == given.accessToken)
            #expect(try rig.report().state == .loginRequired)
            rig.advance(by: .seconds(900))
            #expect(try rig.answer("/v1/token/billing").error.cause == "login_not_refreshable")
            #expect(rig.server.requests().count == 1)
        }
    }

    // MARK: The store

    @Test func `a login that the disk does not take is served, and stored when it can be`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let stream = rig.beginLogin()
            let event = try await stream.login()
            let given = rig.grantAnswer()
            rig.server.setBehaviour(given.behaviour, times: 1)
            try await rig.store.setReadOnly(true)
            _ = try await rig.redirect(event)
            let done = try await stream.lastLogin()
            #expect(done.event == .done && done.note?.contains("memory alone") == true)
            #expect(try rig.answer("/v1/token/billing").token.accessToken == given.accessToken)
            #expect(rig.broker.alarms.isStanding(.grantUnsaved))
            #expect(try rig.grants.isEmpty)
            // Another is not begun while this one could be lost.
            let second = rig.beginLogin()
            _ = try await rig.redirect(try await second.login())
            #expect(try await second.lastLogin().failure?.cause == "store_not_writable")
            #expect(rig.server.requests().count == 1)
            try await rig.store.setReadOnly(false)
            rig.advance(by: .seconds(60))
            try await rig.until { !rig.broker.alarms.isStanding(.grantUnsaved) }
            #expect(try rig.held.grant.refreshToken == Secret(given.refreshToken))
            _ = try await rig.refreshed()
            #expect(rig.judgements == [.current])
        }
    }

    // MARK: What is refused

    @Test func `a login of a client that takes none is refused, and so is a port that differs`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let refused = try await rig.beginLogin().answer()
            #expect(refused.status == 400)
            #expect(try refused.error.errorDescription == #"grant = "client_credentials" takes no login"#)
            _ = try await rig.reload(rig.browserClient(#"redirect_uri = "http://127.0.0.1:9000/x""#))
            #expect(try await rig.beginLogin("?port=8123").answer().status == 400)
            #expect(try await rig.beginLogin("").login().redirectUri == "http://127.0.0.1:9000/x")
        }
    }
}
