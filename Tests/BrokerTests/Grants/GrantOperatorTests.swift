import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

@testable import Broker
@testable import TokenStore

/// What operators do with grants, and what they are told of them.
@Suite(.timeLimit(.minutes(5))) struct GrantOperatorTests {
    private func revocation(_ rig: BrokerRig) -> String {
        "revocation_endpoint = \"\(rig.server.url(.revocation))\""
    }

    private func logout(_ rig: BrokerRig, _ query: String = "") async throws -> Answer {
        try await rig.begin("/v1/clients/billing/logout\(query)", method: .post, on: .admin).answer()
    }

    @Test func `a logout gives up what a login brought alone`() async throws {
        try await withBroker { rig in
            try rig.start(rig.browserClient())
            let given = rig.grantAnswer(isRefreshable: false)
            let stream = rig.beginLogin()
            let event = try await stream.login()
            rig.server.setBehaviour(given.behaviour, times: 1)
            _ = try await rig.redirect(event)
            _ = try await stream.lastLogin()
            #expect(try await logout(rig).status == 200)
            let asked = rig.server.requests(to: .revocation).map { $0.parameter("token_type_hint") }
            #expect(asked == ["access_token"])
            #expect(try rig.answer("/v1/token/billing").error.error == "login_required")
        }
    }

    @Test func `a logout revokes, then forgets, and a later start takes nothing over`() async throws {
        try await withBroker { rig in
            let text = try rig.loggedIn("billing", revocation(rig))
            try rig.start(text)
            _ = try await rig.ask("/v1/token/billing")
            let document = try await logout(rig).document(LogoutDocument.self)
            #expect(document.revoked && document.forgotten && document.note == nil)
            #expect(rig.server.refreshTokens().allSatisfy { $0.isRevoked })
            #expect(try rig.grants.isEmpty)
            #expect(try rig.stored.isEmpty)
            let heard = try rig.answer("/v1/token/billing").error
            #expect(heard.cause == "logged_out")
            // Once more is no mistake, and has nothing to revoke.
            let second = try await logout(rig).document(LogoutDocument.self)
            #expect(second.note == "There was no grant to revoke.")
            let again = try await BrokerRig.restarted(rig, text)
            #expect(try again.answer("/v1/token/billing").error.error == "login_required")
            try again.logIn()
            again.advance(by: .seconds(6))
            try await again.until { try again.report().state == .fresh }
            #expect(again.judgements == [.current, .current])
            await again.stop()
        }
    }

    @Test func `what cannot be revoked is kept, unless the operator wants it forgotten`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn("billing", revocation(rig)))
            _ = try await rig.ask("/v1/token/billing")
            rig.server.setBehaviour(.answer(status: 503, body: ""), at: .revocation)
            let refused = try await logout(rig)
            #expect(refused.status == 503)
            let error = try refused.error
            #expect(error.errorDescription?.contains("not revoked, and is kept") == true)
            _ = try await rig.refreshed()
            let document = try await logout(rig, "?forget=true").document(LogoutDocument.self)
            #expect(!document.revoked && document.forgotten && document.note?.contains("Not revoked") == true)
            #expect(try rig.grants.isEmpty)
        }
    }

    @Test func `without a revocation endpoint a logout forgets, and says that nothing was revoked`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            let document = try await logout(rig).document(LogoutDocument.self)
            #expect(!document.revoked && document.forgotten)
            #expect(document.note?.contains("revocation_endpoint") == true)
        }
    }

    @Test func `a logout that cannot be stored says which of the two failed, and presents nothing any more`()
        async throws
    {
        try await withBroker { rig in
            try rig.start(rig.loggedIn("billing", revocation(rig)))
            _ = try await rig.ask("/v1/token/billing")
            try await rig.store.setReadOnly(true)
            let failed = try await logout(rig)
            #expect(failed.status == 500)
            let error = try failed.error
            #expect(error.errorDescription?.contains("revoked, but is not forgotten") == true)
            let heard = try rig.answer("/v1/token/billing").error
            #expect(heard.cause == "logged_out")
            try await rig.store.setReadOnly(false)
            let second = try await logout(rig).document(LogoutDocument.self)
            #expect(second.forgotten)
            #expect(try rig.grants.isEmpty && rig.judgements == [.current])
        }
    }

    @Test func `a client that presents its own credentials has nothing to log out of`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            #expect(try await logout(rig).status == 400)
            #expect(try await rig.refresh("billing", "?trust_restored=true").status == 400)
            #expect(try rig.report().grant == nil)
        }
    }

    @Test func `a grant from a backup is presented on the operator's word alone`() async throws {
        try await withBroker { rig in
            let text = try rig.loggedIn()
            try rig.start(text)
            _ = try await rig.ask("/v1/token/billing")
            let copy = "\(rig.files.directory)/copy"
            try await rig.store.backUp(to: copy)
            await rig.stop()
            for suffix in ["-wal", "-shm"] { try? rig.files.remove("state.sqlite\(suffix)") }
            try rig.files.write(rig.files.bytes(of: "copy"), to: "state.sqlite")
            let again = try BrokerRig(rig.server, rig.clock, files: rig.files)
            try again.start(text)
            #expect(try again.report().grant?.standing == .restored)
            #expect(try again.report().state == .loginRequired && again.report().lastError?.cause == "grant_restored")
            again.advance(by: .seconds(7_200))
            #expect(try again.answer("/v1/token/billing").status == 409)
            #expect(again.judgements == [.current])
            #expect(try await again.refresh("billing", "?trust_restored=true").status == 200)
            #expect(again.judgements == [.current, .current])
            #expect(try again.report().grant?.standing == .held)
            await again.stop()
        }
    }

    @Test func `a grant that lives unused for a while is kept alive, even when nobody asks for its tokens`()
        async throws
    {
        try await withBroker { rig in
            try rig.start(rig.loggedIn("billing", "refresh_token_idle = \"10h\"\nkeep_warm = \"1h\""))
            _ = try await rig.ask("/v1/token/billing")
            for hour in 1...30 {
                rig.advance(by: .seconds(3_600))
                try await rig.until { !rig.isAskingServer }
                // Cold after the first hour, it is used at each half of its idle time.
                #expect(rig.judgements.count <= 2 + hour / 5, "hour \(hour)")
            }
            #expect(rig.judgements.count >= 7)
            #expect(rig.judgements.allSatisfy { $0 == .current })
            let endsAt = try rig.report().grant?.endsAt ?? 0
            #expect(.seconds(endsAt) > rig.clock.now().sinceEpoch + .seconds(4 * 3_600))
        }
    }

    @Test func `the end that no renewal moves is warned of ahead`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn("billing", "refresh_token_lifetime = \"10h\"\nkeep_warm = \"always\""))
            _ = try await rig.ask("/v1/token/billing")
            let end = try rig.report().grant?.endsAt
            #expect(try rig.report().grant?.warning == nil)
            _ = try await rig.refreshed()
            #expect(try rig.report().grant?.endsAt == end)
            for _ in 0..<37 {
                rig.advance(by: .seconds(900))
                try await rig.until { !rig.isAskingServer }
            }
            #expect(try rig.report().grant?.warning?.contains("ends soon") == true)
            #expect(rig.log.lines(with: "The refresh token ends soon").count == 1)
            let metrics = try rig.answer("/metrics", on: .admin).body
            #expect(metrics.contains("tokenbroker_grant_expiry_seconds{client=\"billing\"}"))
        }
    }

    @Test func `a lifetime that the server states with the refresh token is kept up too`() async throws {
        try await withBroker { rig in
            var behaviour = Behaviour()
            behaviour.members = ["refresh_expires_in": .integer(1_800)]
            rig.server.setBehaviour(behaviour)
            try rig.start(rig.loggedIn("billing", "keep_warm = \"never\""))
            _ = try await rig.ask("/v1/token/billing")
            for _ in 0..<24 {
                rig.advance(by: .seconds(300))
                try await rig.until { !rig.isAskingServer }
            }
            // Two hours in quarters.
            #expect((8...9).contains(rig.judgements.count))
            let endsAt = try rig.report().grant?.endsAt ?? 0
            #expect(.seconds(endsAt) > rig.clock.now().sinceEpoch + .seconds(840))
        }
    }
}
