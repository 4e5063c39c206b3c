import Foundation
import GRDB
import OAuth2
import Testing

@testable import TokenStore

struct GrantFaultTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func `A full disk refuses an intent and a renewal, and changes nothing`() async throws {
        let store = try directory.open(keys)
        try await store.takeUp(makeGrant(), firstToken: nil, droppingTokens: false)
        try await store.save(makeToken())
        let large = String(repeating: "x", count: 100_000)
        let full = TokenStoreError.full(path: directory.database)
        try await store.withoutRoom {
            let intent = makeIntent(lastFailure: large)
            await #expect(throws: full) { try await store.begin(intent, of: makeGrant().id) }
        }
        #expect(try store.grants().grants == [StoredGrant(grant: makeGrant())])

        try await store.begin(makeIntent(), of: makeGrant().id)
        let renewed = makeGrant().rotated()
        let token = makeToken(2, value: large)
        try await store.withoutRoom {
            await #expect(throws: full) { try await store.commit(renewed, token: token) }
        }
        #expect(try store.grants().grants == [StoredGrant(grant: makeGrant(), intent: makeIntent())])
        #expect(try store.tokens().tokens == [makeToken()])

        #expect(try await store.commit(renewed, token: token) == .held)
        #expect(try store.grants().grants == [StoredGrant(grant: renewed)])
        #expect(try store.tokens().tokens == [token])
    }

    @Test func `A database that became read-only refuses an intent that it has already`() async throws {
        let store = try directory.open(keys)
        try await store.takeUp(makeGrant(), firstToken: nil, droppingTokens: false)
        try await store.begin(makeIntent(), of: makeGrant().id)
        try await store.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = ON") }
        let error = await #expect(throws: TokenStoreError.self) {
            try await store.begin(makeIntent(), of: makeGrant().id)
        }
        guard case .readOnly(directory.database, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `A closed store refuses and does not crash`() async throws {
        let store = try directory.open(keys)
        try await store.takeUp(makeGrant(), firstToken: firstToken("first"), droppingTokens: false)
        try store.close()
        let closed = TokenStoreError.closed(path: directory.database)
        let id = makeGrant().id
        #expect(throws: closed) { try store.grants() }
        await #expect(throws: closed) {
            try await store.takeUp(makeGrant(2), firstToken: firstToken("two"), droppingTokens: true)
        }
        await #expect(throws: closed) { try await store.begin(makeIntent(), of: id) }
        await #expect(throws: closed) { try await store.commit(makeGrant().rotated(), token: nil) }
        await #expect(throws: closed) { try await store.refuse(id, refusal) }
        await #expect(throws: closed) { try await store.forget(id.client) }
        await #expect(throws: closed) { try await store.rekey(to: makeKeys(2)) }
        #expect(!store.wasTakenOver(firstToken("two")))
        #expect(try directory.open(keys).grants().grants == [StoredGrant(grant: makeGrant())])
    }

    @Test func `A cancelled caller's renewal is stored all the same`() async throws {
        let store = try directory.open(keys)
        try await store.takeUp(makeGrant(), firstToken: nil, droppingTokens: false)
        let renewing = Task {
            // Ends when the task is cancelled, as nothing else ends it.
            for await _ in AsyncStream<Never>(Never.self, { _ in }) {}
            return try await store.commit(makeGrant().rotated(), token: makeToken())
        }
        renewing.cancel()
        #expect(try await renewing.value == .held)
        #expect(try store.grants().grants == [StoredGrant(grant: makeGrant().rotated())])
        #expect(try store.tokens().tokens == [makeToken()])
    }

    @Test func `A log that was cut short loses the last renewal whole, the token with the grant`() async throws {
        let store = try directory.open(keys)
        try await store.takeUp(makeGrant(), firstToken: nil, droppingTokens: false)
        try await store.save(makeToken(1))
        try await store.begin(makeIntent(), of: makeGrant().id)
        let whole = try directory.bytes("-wal").count
        #expect(try await store.commit(makeGrant().rotated(), token: makeToken(2)) == .held)
        let (database, log) = (try directory.bytes(), try directory.bytes("-wal"))
        for count in stride(from: whole, through: log.count, by: 1009) {
            let torn = try TemporaryDirectory()
            try FileManager.default.createDirectory(atPath: torn.path + "/state", withIntermediateDirectories: true)
            try torn.write(database)
            try torn.write(log.prefix(count), "-wal")
            let restarted = try torn.open(keys)
            #expect(try restarted.grants().grants == [StoredGrant(grant: makeGrant(), intent: makeIntent())])
            #expect(try restarted.tokens().tokens == [makeToken(1)])
        }
    }

    @Test func `Renewals from many tasks at once are read back, each of its client`() async throws {
        let store = try directory.open(keys)
        try await withThrowingTaskGroup { group in
            for number in 0..<100 {
                group.addTask {
                    let client = "c\(number)"
                    var grant = makeGrant(number, client: client)
                    try await store.takeUp(grant, firstToken: nil, droppingTokens: false)
                    for step in 0..<5 {
                        try await store.begin(makeIntent(grant.sequence), of: grant.id)
                        grant = grant.rotated()
                        let outcome = try await store.commit(grant, token: makeToken(step, client: client))
                        #expect(outcome == .held)
                    }
                }
            }
            try await group.waitForAll()
        }
        let found = try store.grants()
        #expect(found.unreadable == [])
        #expect(found.grants.count == 100)
        for stored in found.grants {
            #expect(stored.standing == .held && stored.intent == nil && stored.grant.sequence == 6)
        }
        #expect(Set(try store.tokens().tokens.map(\.clientID)) == ["id-4"])
    }
}
