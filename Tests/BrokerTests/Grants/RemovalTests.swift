import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing
import TokenStore

@testable import Broker

/// What becomes of the grants of clients that are removed with `revoke_on_removal`.
@Suite(.timeLimit(.minutes(5))) struct RemovalTests {
    private func lines(_ rig: BrokerRig) -> String {
        "revocation_endpoint = \"\(rig.server.url(.revocation))\"\nrevoke_on_removal = true"
    }

    private func revocations(_ rig: BrokerRig) -> Int { rig.server.requests(to: .revocation).count }

    @Test func `a removal revokes the grant, and forgets it`() async throws {
        try await withBroker { rig in
            let text = try rig.loggedIn("billing", lines(rig))
            try rig.start(text)
            _ = try await rig.ask("/v1/token/billing")
            #expect(try await rig.reload("").status == 200)
            try await rig.until { try rig.grants.isEmpty }
            try await rig.until { !rig.log.lines(with: "Revoked the grant of a client that was removed").isEmpty }
            #expect(rig.server.refreshTokens().allSatisfy { $0.isRevoked })
            #expect(rig.server.requests(to: .revocation).first?.parameter("token_type_hint") == "refresh_token")
            // A first refresh token is taken over once.
            #expect(try await rig.reload(text).status == 200)
            #expect(try rig.answer("/v1/token/billing").error.error == "login_required")
            #expect(revocations(rig) == 1 && rig.judgements == [.current])
        }
    }

    @Test func `without it the grant is kept, and taken up again`() async throws {
        try await withBroker { rig in
            let text = try rig.loggedIn("billing", "revocation_endpoint = \"\(rig.server.url(.revocation))\"")
            try rig.start(text)
            _ = try await rig.ask("/v1/token/billing")
            #expect(try await rig.reload("").status == 200)
            rig.advance(by: .seconds(120))
            #expect(try await rig.reload(text).status == 200)
            _ = try await rig.refreshed()
            #expect(revocations(rig) == 0 && rig.judgements == [.current, .current])
        }
    }

    @Test func `another client_id revokes as the client was, and a change of anything else does not`() async throws {
        try await withBroker { rig in
            let text = try rig.loggedIn("billing", lines(rig))
            try rig.start(text)
            _ = try await rig.ask("/v1/token/billing")
            #expect(try await rig.reload(text + "\nrefresh_at = 0.5\n").status == 200)
            _ = try await rig.refreshed()
            #expect(revocations(rig) == 0)
            #expect(try await rig.reload(text.replacing("billing-id", with: "other-id")).status == 200)
            try await rig.until { !rig.log.lines(with: "Revoked the grant of a client that was removed").isEmpty }
            #expect(rig.server.requests(to: .revocation).map(\.clientID) == ["billing-id"])
        }
    }

    @Test func `a rotation under way ends first, and its result is what is revoked`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn("billing", lines(rig)))
            _ = try await rig.ask("/v1/token/billing")
            let pending = try await rig.heldRefresh()
            #expect(try await rig.reload("").status == 200)
            #expect(revocations(rig) == 0)
            rig.server.release()
            _ = try await pending.answer()
            try await rig.until { try rig.grants.isEmpty }
            try await rig.until { !rig.log.lines(with: "Revoked the grant of a client that was removed").isEmpty }
            #expect(rig.judgements == [.current, .current])
            let newest = try #require(rig.server.refreshTokens().last)
            let revoked = rig.server.requests(to: .revocation).first?.parameters.first { $0.name == "token" }
            #expect(revoked?.verbatim.exposed == newest.value.exposed)
        }
    }

    @Test func `what cannot be revoked is kept sealed and tried each hour, until the client is there again`()
        async throws
    {
        try await withBroker { rig in
            let text = try rig.loggedIn("billing", lines(rig))
            try rig.start(text)
            _ = try await rig.ask("/v1/token/billing")
            rig.server.setBehaviour(.answer(status: 503, body: ""), at: .revocation)
            #expect(try await rig.reload("").status == 200)
            try await rig.until { !rig.log.lines(with: "could not be revoked").isEmpty }
            #expect(try rig.held.grant.sequence == 2)
            rig.advance(by: .seconds(3_500))
            #expect(revocations(rig) == 1)
            rig.advance(by: .seconds(200))
            try await rig.server.counters { $0.requests[.revocation] == 2 }
            // Added again, it serves as if nothing had been.
            #expect(try await rig.reload(text).status == 200)
            _ = try await rig.refreshed()
            rig.server.clearBehaviours()
            rig.advance(by: .seconds(7_200))
            #expect(revocations(rig) == 2)
            #expect(try await rig.reload("").status == 200)
            try await rig.until { try rig.grants.isEmpty }
        }
    }

    @Test func `added again before its turn, it is not revoked`() async throws {
        try await withBroker { rig in
            let text = try rig.loggedIn("billing", lines(rig))
            try rig.start(text)
            _ = try await rig.ask("/v1/token/billing")
            let pending = try await rig.heldRefresh()
            #expect(try await rig.reload("").status == 200)
            #expect(try await rig.reload(text).status == 200)
            rig.server.release()
            _ = try await pending.answer()
            _ = try await rig.refreshed()
            #expect(revocations(rig) == 0)
            #expect(rig.judgements == [.current, .current, .current])
        }
    }

    @Test func `without a revocation endpoint the grant is deleted, and the log says that nobody was told`()
        async throws
    {
        try await withBroker { rig in
            try rig.start(rig.loggedIn("billing", "revoke_on_removal = true"))
            _ = try await rig.ask("/v1/token/billing")
            #expect(try await rig.reload("").status == 200)
            try await rig.until { try rig.grants.isEmpty }
            try await rig.until { !rig.log.lines(with: "no revocation endpoint is known").isEmpty }
        }
    }

    @Test func `one dead server is asked once an hour for all of its clients`() async throws {
        try await withBroker { rig in
            let names = ["billing", "sales", "other"]
            try rig.start(names.map { try rig.loggedIn($0, lines(rig)) }.joined())
            for name in names {
                let asked = rig.begin("/v1/token/\(name)")
                _ = try await rig.answering(asked)
            }
            rig.server.setBehaviour(.answer(status: 503, body: ""), at: .revocation)
            #expect(try await rig.reload("").status == 200)
            try await rig.until { !rig.log.lines(with: "could not be revoked").isEmpty }
            rig.server.clearBehaviours()
            rig.advance(by: .seconds(3_700))
            try await rig.until { try rig.grants.isEmpty }
            #expect(revocations(rig) == 4)
        }
    }
}
