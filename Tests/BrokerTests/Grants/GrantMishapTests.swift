import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing
import TokenStore

@testable import Broker

/// Sequences in which a refresh token was lost once, or asked for without end.
@Suite(.timeLimit(.minutes(5))) struct GrantMishapTests {
    /// Lets the clock go on second by second, each attempt to its end, until `condition` holds.
    private func live(_ rig: BrokerRig, seconds: Int, until condition: () throws -> Bool = { false }) async throws {
        for _ in 0..<seconds {
            if try condition() { return }
            rig.advance(by: .seconds(1))
            try await rig.until { !rig.isAskingServer }
        }
    }

    private func setGrace(_ rig: BrokerRig) {
        var policy = RotationPolicy()
        policy.graceWindow = .seconds(10)
        rig.server.setRotation(policy)
    }

    @Test func `a reload that adds a client in use takes its first refresh token over once`() async throws {
        try await withBroker { rig in
            try rig.start("")
            try rig.files.write(BrokerRig.secret(of: "billing"), to: "billing.secret")
            let text = try rig.loggedIn("billing", "keep_warm = \"always\"")
            #expect(try await rig.reload(text).status == 200)
            #expect(try await rig.reload(text).status == 200)
            try await rig.until { try rig.report().state == .fresh }
            try await live(rig, seconds: 10)
            #expect(rig.judgements == [.current])
            #expect(try rig.grants.count == 1)
        }
    }

    @Test func `a restart after a refused login goes on with the grant that came back`() async throws {
        try await withBroker { rig in
            let text = try rig.loggedIn()
            try rig.start(text)
            _ = try await rig.ask("/v1/token/billing")
            let before = try rig.held.grant
            // Two in a row, of which neither works.
            for (number, token) in ["no-such-refresh-token", "nor-this-one"].enumerated() {
                try rig.files.write(token, to: "billing.first")
                rig.advance(by: .seconds(6))
                try await rig.until { rig.log.lines(with: "replaces the grant").count == number + 1 }
                rig.advance(by: .seconds(1))
                try await rig.until { rig.log.lines(with: "held again").count == number + 1 }
            }
            let again = try await BrokerRig.restarted(rig, text)
            #expect(try again.report().grant?.standing == .held)
            _ = try await again.refreshed()
            #expect(try again.held.grant.id == before.id)
            await again.stop()
        }
    }

    @Test func `a client that is renamed does not take the same first refresh token over`() async throws {
        try await withBroker { rig in
            let text = try rig.loggedIn()
            try rig.start(text)
            _ = try await rig.ask("/v1/token/billing")
            _ = try await rig.refreshed()
            let renamed = text.replacing("[clients.billing]", with: "[clients.invoices]")
            #expect(try await rig.reload(renamed).status == 200)
            #expect(try await rig.ask("/v1/token/invoices").error.cause == "grant_lost")
            #expect(rig.judgements == [.current, .current])
            // The name of before finds its grant.
            #expect(try await rig.reload(text).status == 200)
            #expect(try await rig.ask("/v1/token/billing").status == 200)
            #expect(rig.judgements == [.current, .current, .current])
        }
    }

    @Test(arguments: [Behaviour.error("invalid_client", status: 401), .answer(status: 401, body: "")])
    func `keeping a grant alive respects what failed`(behaviour: Behaviour) async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn("billing", "refresh_token_idle = \"600s\"\nkeep_warm = \"never\""))
            _ = try await rig.ask("/v1/token/billing")
            rig.server.setBehaviour(behaviour)
            let before = rig.server.counters().tokenRequests
            try await live(rig, seconds: 500)
            #expect((1...2).contains(rig.server.counters().tokenRequests - before))
        }
    }

    @Test func `an answer that is lost is asked for once more though nobody waits for it`() async throws {
        try await withBroker { rig in
            setGrace(rig)
            try rig.start(rig.loggedIn("billing", "keep_warm = \"never\""))
            _ = try await rig.ask("/v1/token/billing")
            rig.server.setBehaviour(.fault(.dropBeforeAnswer), times: 1)
            _ = try await rig.refresh()
            try await live(rig, seconds: 2) { rig.judgements.count == 3 }
            #expect(rig.judgements == [.current, .current, .replayGranted])
            #expect(try rig.held.intent == nil)
        }
    }

    @Test func `an answer that is lost in a reload is asked for once more by who came after`() async throws {
        try await withBroker { rig in
            setGrace(rig)
            let text = try rig.loggedIn()
            try rig.start(text)
            _ = try await rig.ask("/v1/token/billing")
            var lost = Behaviour.fault(.dropBeforeAnswer)
            lost.hold = true
            _ = try await rig.heldRefresh(lost)
            #expect(try await rig.reload(text + "refresh_at = 0.5\n").status == 200)
            rig.server.release()
            _ = try await rig.server.counters { $0.held == 0 && $0.total.inFlight == 0 }
            try await rig.until { try rig.report().grant?.warning != nil }
            try await live(rig, seconds: 2) { rig.judgements.count == 3 }
            #expect(rig.judgements == [.current, .current, .replayGranted])
        }
    }

    @Test func `an answer that is lost after an outage is asked for once more in time`() async throws {
        try await withBroker { rig in
            setGrace(rig)
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            rig.server.setBehaviour(.error("temporarily_unavailable", status: 503))
            rig.advance(by: .seconds(3_700))
            try await live(rig, seconds: 70)
            rig.server.clearBehaviours()
            var gateway = Behaviour.badGateway(actsFirst: true)
            gateway.retryAfter = "120"
            rig.server.setBehaviour(gateway, times: 1)
            let count = rig.judgements.count
            try await live(rig, seconds: 120) { rig.judgements.count > count }
            try await live(rig, seconds: 2) { rig.judgements.count > count + 1 }
            #expect(rig.judgements.suffix(2) == [.current, .replayGranted])
        }
    }

    @Test(arguments: ["access_token", "token_type"])
    func `a refresh token in an answer that is worth nothing else is kept`(member: String) async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            var odd = Behaviour()
            if member == "token_type" { odd.members = ["token_type": "no token"] } else { odd.omit = [member] }
            rig.server.setBehaviour(odd, times: 1)
            #expect(try await rig.refresh().status == 503)
            #expect(try rig.held.grant.sequence == 3)
            _ = try await rig.refreshed()
            #expect(rig.judgements == [.current, .current, .current])
        }
    }

    @Test func `a client_id that is changed and changed back finds its grant`() async throws {
        try await withBroker { rig in
            let text = try rig.loggedIn()
            try rig.start(text)
            _ = try await rig.ask("/v1/token/billing")
            try rig.files.write(rig.server.issueRefreshToken(client: "other-id"), to: "other.first")
            let other = text.replacing("billing-id", with: "other-id").replacing("billing.first", with: "other.first")
            #expect(try await rig.reload(other).status == 200)
            #expect(try await rig.ask("/v1/token/billing").status == 200)
            #expect(try await rig.reload(text).status == 200)
            _ = try await rig.refreshed()
            #expect(rig.judgements == [.current, .current])
            #expect(try rig.grants.map(\.standing) == [.held, .held])
            #expect(try rig.status.alarms == [])
        }
    }

    @Test func `a takeover that the store does not take is tried again`() async throws {
        try await withBroker { rig in
            let text = rig.client("billing", "grant = \"refresh_token\"\nrefresh_token = { file = \"billing.first\" }")
            try rig.start(text)
            try await rig.withLockedDatabase {
                try rig.logIn()
                rig.advance(by: .seconds(6))
                try await rig.until { rig.log.lines.contains { $0.contains("could not be taken over") } }
            }
            rig.advance(by: .seconds(6))
            try await rig.until { try rig.grants.count == 1 }
            #expect(try await rig.ask("/v1/token/billing").status == 200)
        }
    }

    @Test func `a first refresh token is not taken over once more while a newer one is held`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            _ = try await rig.refreshed()
            #expect(try await rig.refresh("billing", "?retake_first_token=true").status == 400)
            _ = try await rig.refreshed()
            #expect(rig.judgements == [.current, .current, .current])
        }
    }

    @Test func `a login that the server refuses without a reason gives the grant before back`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            let before = try rig.held.grant.id
            try rig.logIn()
            // The refusal, and the probe's.
            rig.server.setBehaviour(.answer(status: 400, body: ""), times: 2)
            rig.advance(by: .seconds(6))
            try await rig.until { rig.log.lines(with: "held again").count == 1 }
            try await rig.until { !rig.isAskingServer }
            try await live(rig, seconds: 3) { try rig.report().state == .fresh }
            #expect(try rig.report().state == .fresh && rig.held.grant.id == before)
            _ = try await rig.refreshed()
        }
    }

    @Test func `a refusal whose probe the server's pause forbids leaves no intent behind`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            var refusal = Behaviour.answer(status: 400, body: "")
            refusal.retryAfter = "60"
            rig.server.setBehaviour(refusal, times: 1)
            #expect(try await rig.refresh().status == 502)
            // Of this nobody is told.
            while try rig.held.intent != nil { await Task.yield() }
            #expect(try rig.report().grant?.warning == nil)
            rig.advance(by: .seconds(61))
            _ = try await rig.refreshed()
        }
    }

    @Test func `a refusal that a stalled store takes late gives the grant before back`() async throws {
        try await withBroker(writePatience: .milliseconds(100)) { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            let before = try rig.held.grant.id
            rig.server.setBehaviour(.held, times: 1)
            try rig.files.write("no-such-refresh-token", to: "billing.first")
            rig.advance(by: .seconds(6))
            _ = try await rig.server.counters { $0.held == 1 }
            try await rig.withLockedDatabase(isStalled: true) {
                rig.server.release()
                try await rig.until { try rig.status.alarms.map(\.alarm) == ["store_write_failed"] }
            }
            try await rig.until { try rig.report().grant?.standing == .held }
            #expect(try rig.held.grant.id == before)
            _ = try await rig.refreshed()
            #expect(try rig.status.alarms == [])
        }
    }
}
