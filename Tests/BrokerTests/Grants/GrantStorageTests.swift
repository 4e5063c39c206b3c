import GRDB
import Glibc
import LinuxHost
import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

@testable import Broker
@testable import TokenStore

/// What a disk that fails costs: never a refresh token.
@Suite(.timeLimit(.minutes(5))) struct GrantStorageTests {
    @Test func `a store that takes no intent lets nothing be sent, and callers are served from the cache`() async throws
    {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            let before = try await rig.ask("/v1/token/billing").token
            try await rig.store.setReadOnly(true)
            let refused = try await rig.refresh()
            #expect(try refused.status == 503 && refused.error.cause == "store_not_writable")
            #expect(rig.judgements == [.current])
            #expect(try rig.status.alarms.map(\.alarm) == ["store_write_failed"])
            #expect(try rig.answer("/v1/token/billing").token.accessToken == before.accessToken)
            try await rig.store.setReadOnly(false)
            _ = try await rig.refreshed()
            #expect(try rig.status.alarms == [])
            #expect(rig.judgements == [.current, .current])
        }
    }

    @Test func `a refresh token that cannot be stored is served by, sealed in memory, and stored when it can be`()
        async throws
    {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            let pending = try await rig.heldRefresh()
            try await rig.store.setReadOnly(true)
            rig.server.release()
            #expect(try await pending.answer().status == 200)
            // The alarm is everywhere, and callers have the new token.
            #expect(try rig.status.alarms.map(\.alarm) == ["grant_unsaved"])
            #expect(try rig.report().grant?.unsaved == true)
            #expect(try rig.answer("/readyz", on: .admin).status == 503)
            let metrics = try rig.answer("/metrics", on: .admin).body
            #expect(metrics.contains("tokenbroker_alarm{alarm=\"grant_unsaved\"} 1"))
            let served = try rig.answer("/v1/token/billing").token.accessToken
            #expect(rig.server.isActive(served))
            #expect(try rig.held.grant.sequence == 2)
            // The old one is not presented again, and neither is one that is in memory alone.
            let cause = try await rig.refresh().error.cause
            #expect(cause == "store_not_writable")
            #expect(rig.judgements == [.current, .current])
            try await rig.store.setReadOnly(false)
            rig.advance(by: .seconds(31))
            try await rig.until { try rig.held.grant.sequence == 3 && rig.status.alarms.isEmpty }
            #expect(try rig.report().grant?.unsaved == false)
            #expect(try rig.stored.count == 1 && rig.held.intent == nil)
            _ = try await rig.refreshed()
            #expect(rig.judgements == [.current, .current, .current])
        }
    }

    @Test func `what is in memory alone outlives the daemon in the service manager's hands`() async throws {
        try await withBroker { rig in
            let text = try rig.loggedIn()
            try rig.start(text)
            _ = try await rig.ask("/v1/token/billing")
            let pending = try await rig.heldRefresh()
            try await rig.store.setReadOnly(true)
            rig.server.release()
            _ = try await pending.answer()
            let served = try rig.answer("/v1/token/billing").token.accessToken
            // The daemon ends here: what the service manager kept is all there is of it.
            let kept = try #require(rig.lifeboat.descriptor.map { dup($0) })
            let bytes = try MemoryFile(adopting: dup(kept)).records(maximumBytes: 1 << 20)
            for token in rig.server.refreshTokens().map(\.value.exposed) + [served] {
                #expect(!bytes.contains { $0.firstRange(of: Array(token.utf8)) != nil })
            }
            await rig.stop()
            let again = try BrokerRig(rig.server, rig.clock, files: rig.files, adopting: kept)
            await again.broker.journal.recover()
            #expect(try again.held.grant.sequence == 3 && again.held.intent == nil)
            try again.start(text)
            #expect(try again.answer("/v1/token/billing").token.accessToken == served)
            _ = try await again.refreshed()
            #expect(again.judgements == [.current, .current, .current])
            await again.stop()
        }
    }

    @Test func `a database that another process locks lets nothing be sent, and is over with it`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            try await rig.withLockedDatabase {
                let cause = try await rig.refresh().error.cause
                #expect(cause == "store_not_writable")
                #expect(rig.judgements == [.current])
            }
            _ = try await rig.refreshed()
            #expect(rig.judgements == [.current, .current])
        }
    }

    @Test func `a refusal that cannot be stored is in force all the same`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            let pending = try await rig.heldRefresh()
            rig.server.revoke(String(decoding: try rig.files.bytes(of: "billing.first"), as: UTF8.self))
            try await rig.store.setReadOnly(true)
            rig.server.release()
            #expect(try await pending.answer().status == 409)
            try await rig.store.setReadOnly(false)
            rig.advance(by: .seconds(60))
            #expect(try await rig.refresh().status == 409)
            #expect(rig.judgements.count == 2)
        }
    }
}

extension TokenStore {
    /// Lets every write fail, as on a file system that was mounted anew for reading alone.
    func setReadOnly(_ isReadOnly: Bool) async throws {
        try await queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA query_only = \(isReadOnly ? "ON" : "OFF")")
        }
    }
}
