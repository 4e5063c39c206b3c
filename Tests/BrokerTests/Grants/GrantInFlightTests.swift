import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing
import TokenStore

@testable import Broker

/// What happens around a rotation that is under way.
@Suite(.timeLimit(.minutes(5))) struct GrantInFlightTests {
    /// A broker with a token, whose next rotation the server holds.
    private func withHeldRotation(
        _ body: (BrokerRig, _ text: String, _ pending: PendingAnswer) async throws -> Void
    ) async throws {
        try await withBroker { rig in
            let text = try rig.loggedIn()
            try rig.start(text)
            _ = try await rig.ask("/v1/token/billing")
            let pending = try await rig.heldRefresh()
            #expect(try rig.held.intent?.attempts == 1)
            try await body(rig, text, pending)
        }
    }

    @Test func `a reload that changes the client keeps the late refresh token, and serves by it`() async throws {
        try await withHeldRotation { rig, text, pending in
            #expect(try await rig.reload(text + "refresh_at = 0.5\n").status == 200)
            // The changed client asks in its turn, and not beside the request under way.
            let next = rig.begin("/v1/clients/billing/refresh", method: .post, on: .admin)
            rig.server.release()
            #expect(try await next.answer().status == 200)
            _ = try await pending.answer()
            #expect(rig.judgements == [.current, .current, .current])
            #expect(try rig.held.grant.sequence == 4)
        }
    }

    @Test func `a reload that removes the client keeps it sealed, for when it comes back`() async throws {
        try await withHeldRotation { rig, text, _ in
            #expect(try await rig.reload("").status == 200)
            rig.server.release()
            try await rig.until { try rig.grants.first?.grant.sequence == 3 }
            #expect(try rig.held.intent == nil)
            #expect(try await rig.reload(text).status == 200)
            #expect(try await rig.ask("/v1/token/billing").status == 200)
            #expect(rig.judgements == [.current, .current, .current])
        }
    }

    @Test func `a stop waits for it, and the next start goes on from there`() async throws {
        try await withHeldRotation { rig, text, _ in
            let stopped = rig.beginStopping()
            rig.server.release()
            await stopped?.value
            #expect(try rig.held.grant.sequence == 3)
            let again = try await BrokerRig.restarted(rig, text)
            // What came last is served without a request.
            #expect(try again.answer("/v1/token/billing").status == 200)
            _ = try await again.refreshed()
            #expect(again.judgements == [.current, .current, .current])
            await again.stop()
        }
    }

    @Test func `a changed first refresh token waits for its end, and then replaces its grant`() async throws {
        try await withHeldRotation { rig, _, _ in
            let before = try rig.held.grant.id
            try rig.logIn()
            rig.advance(by: .seconds(6))
            #expect(try rig.held.grant.id == before)
            rig.server.release()
            try await rig.until { try rig.held.grant.id != before }
            rig.advance(by: .seconds(1))
            try await rig.until { try rig.held.grant.sequence == 2 }
            #expect(rig.judgements == [.current, .current, .current])
        }
    }

    @Test func `a logout waits for its end, and revokes the newest refresh token`() async throws {
        try await withHeldRotation { rig, _, pending in
            let logout = rig.begin("/v1/clients/billing/logout", method: .post, on: .admin)
            rig.server.release()
            #expect(try await pending.answer().status == 200)
            let answer = try await logout.answer()
            #expect(try answer.document(LogoutDocument.self).forgotten)
            #expect(try rig.grants.isEmpty)
            #expect(try rig.stored.isEmpty)
            let heard = try rig.answer("/v1/token/billing").error
            #expect(heard.cause == "logged_out")
        }
    }

    @Test func `what comes when another lineage took its place is kept as superseded, and revoked`() async throws {
        try await withBroker { rig in
            let revocation = "revocation_endpoint = \"\(rig.server.url(.revocation))\""
            try rig.start(rig.loggedIn("billing", revocation))
            _ = try await rig.ask("/v1/token/billing")
            let pending = try await rig.heldRefresh()
            // As a login that could not wait would do it.
            var login = try rig.held.grant
            login.id = GrantID(client: login.id.client, lineage: .random())
            login.refreshToken = Secret(rig.server.issueRefreshToken(client: "billing-id"))
            login.sequence = 1
            try await rig.store.takeUp(login, firstToken: nil, droppingTokens: false)
            rig.server.release()
            _ = try await pending.answer()
            try await rig.until { try rig.grants.allSatisfy { $0.grant.id == login.id } }
            #expect(rig.server.refreshTokens().allSatisfy { $0.isRevoked == ($0.family == 1) })
        }
    }
}
