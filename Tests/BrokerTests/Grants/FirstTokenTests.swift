import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing
import TokenStore

@testable import Broker

/// How a first refresh token becomes a grant, once.
@Suite(.timeLimit(.minutes(5))) struct FirstTokenTests {
    @Test func `a first refresh token is taken over once, and a later start does not fall back to it`() async throws {
        try await withBroker { rig in
            let text = try rig.loggedIn()
            try rig.start(text)
            _ = try await rig.ask("/v1/token/billing")
            _ = try await rig.refreshed()
            #expect(rig.log.lines.count { $0.contains("Took the first refresh token over") } == 1)
            var again = rig
            for round in 1...3 {
                again = try await BrokerRig.restarted(again, text)
                _ = try await again.refreshed()
                #expect(again.judgements == Array(repeating: .current, count: 2 + round))
                #expect(!again.log.lines.contains { $0.contains("Took the first") })
            }
            #expect(try again.held.grant.sequence == 6)
            await again.stop()
        }
    }

    @Test func `a file that changes replaces the grant, and the event says so`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            let before = try rig.held.grant.id
            try rig.logIn()
            rig.advance(by: .seconds(6))
            try await rig.until { try rig.held.grant.id != before && rig.report().state == .fresh }
            try await rig.until { try rig.held.grant.sequence == 2 }
            #expect(rig.log.lines.contains { $0.contains("A changed first refresh token replaces the grant") })
            // The one before was kept until the new one had worked.
            #expect(try rig.grants.count == 1)
            #expect(rig.judgements == [.current, .current])
        }
    }

    @Test func `a changed file with a refresh token that the server refuses gives the grant back`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            let before = try rig.held.grant
            try rig.files.write("no-such-refresh-token", to: "billing.first")
            rig.advance(by: .seconds(6))
            try await rig.until { try rig.held.grant.id == before.id && rig.grants.count == 2 }
            try await rig.until { !rig.isAskingServer }
            rig.advance(by: .seconds(2))
            try await rig.until { try rig.held.grant.sequence == before.sequence + 1 }
            #expect(rig.judgements == [.current, .unknown, .current])
            #expect(try rig.report().state == .fresh)
            #expect(rig.log.lines.contains { $0.contains("The grant before it is held again") })
        }
    }

    @Test func `a client without a first refresh token says what to do, and begins when there is one`() async throws {
        try await withBroker { rig in
            let text = rig.client("billing", "grant = \"refresh_token\"\nrefresh_token = { file = \"billing.first\" }")
            try rig.start(text)
            let refused = try rig.answer("/v1/token/billing")
            #expect(try refused.status == 502 && refused.error.cause == "refresh_token_unreadable")
            #expect(try rig.report().grant?.standing == .absent)
            #expect(rig.server.counters().tokenRequests == 0)
            try rig.logIn()
            rig.advance(by: .seconds(6))
            try await rig.until { try rig.report().state == .fresh }
            #expect(try rig.answer("/v1/token/billing").status == 200)
        }
    }

    @Test func `a client without a first refresh token at all needs one`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", "grant = \"refresh_token\""))
            let refused = try rig.answer("/v1/token/billing")
            #expect(try refused.status == 409 && refused.error.cause == "no_refresh_token")
            #expect(try refused.error.remedy?.isEmpty == false)
        }
    }

    @Test func `what was taken over is not taken again when the database is gone, but on the operator's word`()
        async throws
    {
        try await withBroker { rig in
            let text = try rig.loggedIn()
            try rig.start(text)
            _ = try await rig.ask("/v1/token/billing")
            await rig.stop()
            for suffix in ["", "-wal", "-shm"] { try? rig.files.remove("state.sqlite\(suffix)") }
            let again = try BrokerRig(rig.server, rig.clock, files: rig.files)
            try again.start(text)
            let refused = try again.answer("/v1/token/billing")
            #expect(try refused.status == 409 && refused.error.cause == "grant_lost")
            again.advance(by: .seconds(86_400))
            #expect(again.judgements == [.current])
            // The server has no grace: the operator was wrong, and hears it.
            #expect(try await again.refresh("billing", "?retake_first_token=true").status == 409)
            #expect(again.judgements == [.current, .replayRefused])
            await again.stop()
        }
    }
}
