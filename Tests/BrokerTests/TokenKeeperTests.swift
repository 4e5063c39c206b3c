import FoundationEssentials
import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing
import TokenStore

@testable import Broker

/// A disk that fails or stalls costs no caller a token, and the operator hears of it.
@Suite(.timeLimit(.minutes(5))) struct TokenKeeperTests {
    @Test func `callers of many clients get what a stalled disk has not taken, and the alarm says so`() async throws {
        try await withBroker(writePatience: .seconds(1)) { rig in
            let names = (0..<6).map { "c\($0)" }
            for name in names { try rig.files.write("secret", to: "\(name).secret") }
            try rig.start(names.map { rig.client($0) }.joined())
            try await rig.withLockedDatabase(isStalled: true) { () async throws -> Void in
                let callers = names.map { rig.begin("/v1/token/\($0)") }
                try await rig.takingTurns { try names.allSatisfy { try rig.report($0).state == .fresh } }
                for caller in callers { #expect(try await caller.answer().status == 200) }
                let alarm = try #require(try rig.status.alarms.first)
                #expect(alarm.alarm == "store_write_failed" && alarm.message.contains("from memory"))
                #expect(try rig.answer("/readyz", on: .admin).status == 503)
            }
            try await rig.until { try rig.stored.count == 6 && rig.status.alarms.isEmpty }
        }
    }

    @Test func `a write that changes nothing does not end the alarm of one that failed`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing") + rig.client("sales"))
            try await rig.withLockedDatabase { () async throws -> Void in
                #expect(try await rig.ask("/v1/token/billing").status == 200)
                // The busy time-out is the store's.
                await rig.broker.finishWrites(within: .seconds(30))
                #expect(try rig.status.alarms.first?.message.contains("locked") == true)
            }
            // A client that was never fetched has nothing to be removed.
            #expect(try await rig.reload(rig.client("billing")).status == 200)
            await rig.broker.finishWrites(within: .seconds(30))
            #expect(try rig.status.alarms.count == 1)
            #expect(try rig.stored.isEmpty)
            rig.advance(by: .seconds(60))
            try await rig.until { try rig.status.alarms.isEmpty }
            #expect(try rig.stored.count == 1)
        }
    }

    @Test func `a store that is long at its work raises the alarm, until it is done`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.broker.noteStoreAtWork(for: .seconds(2))
            #expect(try rig.status.alarms.isEmpty)
            rig.broker.noteStoreAtWork(for: .seconds(7))
            #expect(try rig.status.alarms.first?.message.contains("at one write") == true)
            rig.broker.noteStoreAtWork(for: .seconds(1))
            #expect(try rig.status.alarms.isEmpty)
            rig.broker.alarms.raise(.storeWriteFailed, "for another reason")
            rig.broker.noteStoreAtWork(for: nil)
            #expect(try rig.status.alarms.map(\.message) == ["for another reason"])
        }
    }

    @Test(arguments: [true, false])
    func `a file that is taken away under the daemon raises the alarm`(isReplaced: Bool) async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            try rig.files.write("one", to: "socket")
            let path = "\(rig.files.directory)/socket"
            rig.broker.watchFiles([WatchedFile(path: path, consequence: "callers cannot connect")])
            rig.advance(by: .seconds(60))
            #expect(try rig.status.alarms.isEmpty)
            // Kept, so that its inode is not given to the next.
            try FileManager.default.moveItem(atPath: path, toPath: path + ".moved")
            if isReplaced { try rig.files.write("two", to: "socket") }
            rig.advance(by: .seconds(60))
            let alarm = try #require(try rig.status.alarms.first)
            #expect(alarm.alarm == "file_lost")
            #expect(alarm.message.contains(isReplaced ? "was replaced: callers" : "was removed: callers"))
        }
    }

    @Test func `of one slot only the latest token is written, and a removal stays behind it`() async throws {
        try await withBroker { rig in
            let keeper = TokenKeeper(store: rig.store, alarms: rig.broker.alarms)
            let name = try #require(ClientName("billing"))
            func token(_ value: String) -> StoredToken {
                StoredToken(
                    slot: TokenSlotID(client: name, target: TokenTarget()),
                    token: AccessToken(
                        value: Secret(value),
                        tokenType: "Bearer",
                        scope: .none,
                        lifetime: .seconds(60),
                        receipt: Receipt(moment: rig.clock.now(), boot: BootID("1"))
                    ),
                    refreshAge: nil,
                    lastAsked: nil,
                    clientID: "billing-id",
                    tokenEndpoint: rig.server.tokenEndpoint
                )
            }
            try await rig.withLockedDatabase { () async throws -> Void in
                await keeper.save(token("first"))
                await keeper.save(token("second"))
                let stored = try rig.stored
                #expect(stored.isEmpty)
            }
            await keeper.finish(within: .seconds(30))
            keeper.saveAgain(token("third"))
            await keeper.finish(within: .seconds(30))
            #expect(try rig.stored.count == 1)
            keeper.removeAll(of: name)
            await keeper.save(token("fourth"))
            #expect(try rig.stored.map(\.token.value) == [Secret("fourth")])
        }
    }
}
