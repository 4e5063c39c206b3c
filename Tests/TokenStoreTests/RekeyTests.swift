import Foundation
import GRDB
import OAuth2
import Testing

@testable import TokenStore

struct RekeyTests {
    let directory: TemporaryDirectory
    let tokens = (0..<20).map { makeToken($0, client: "t\($0)", value: String(repeating: "v", count: 700)) }
    let grants = (0..<20).map { makeGrant($0, client: "g\($0)") }

    init() throws { directory = try TemporaryDirectory() }

    private func filled(_ keys: StateKeys) async throws -> TokenStore {
        let store = try directory.open(keys)
        try await store.fill(tokens)
        for grant in grants { try await store.put(grant, .held, intent: makeIntent()) }
        return store
    }

    private func expectAll(_ store: TokenStore, location: SourceLocation = #_sourceLocation) throws {
        let stored = grants.map { StoredGrant(grant: $0, intent: makeIntent()) }
        #expect(try store.tokens() == StoredTokens(tokens: tokens, unreadable: []), sourceLocation: location)
        #expect(try store.grants() == StoredGrants(grants: stored, unreadable: []), sourceLocation: location)
    }

    private func expectWrong(_ keys: StateKeys, location: SourceLocation = #_sourceLocation) {
        #expect(throws: TokenStoreError.wrongKey(path: directory.database), sourceLocation: location) {
            try directory.open(keys)
        }
    }

    private func sealingKeys(_ store: TokenStore) throws -> [Data] {
        try store.queue.read { try Schema.sealingKeys($0) }
    }

    /// The nonces of every seal, which nothing else has in it.
    private func nonces(_ store: TokenStore) throws -> [Data] {
        let sql = "SELECT sealed_value FROM access_token UNION ALL SELECT sealed_token FROM refresh_grant"
        return try store.queue.read { try Data.fetchAll($0, sql: sql).map { $0.prefix(12) } }
    }

    @Test func `Every row is sealed with the new key, and the old one opens nothing any more`() async throws {
        let store = try await filled(makeKeys(1))
        let old = try nonces(store)
        #expect(Set(old).count == 40)
        #expect(try await store.rekey(to: makeKeys(2)) == 40)
        try expectAll(store)
        #expect(try sealingKeys(store) == [makeKeys(2).sealing.id])
        #expect(Set(try nonces(store)).isDisjoint(with: old))
        // The log is empty, and no seal lingers in what the pages do not use.
        #expect(try directory.bytes("-wal").isEmpty)
        let bytes = try directory.bytes()
        for nonce in old { #expect(bytes.range(of: nonce) == nil) }
        for nonce in try nonces(store) { #expect(bytes.range(of: nonce) != nil) }
        try store.close()
        expectWrong(makeKeys(1))
        try expectAll(try directory.open(makeKeys(2)))
    }

    @Test func `What is written after it is sealed with the new key`() async throws {
        let store = try await filled(makeKeys(1))
        let sealed = try store.sealed(grants[0], token: nil)
        _ = try await store.rekey(to: makeKeys(2))
        #expect(store.opened(sealed) == nil)
        #expect(try store.opened(store.sealed(grants[0], token: nil))?.grant == grants[0])
        try await store.save(makeToken(99))
        try await store.put(makeGrant(99))
        try store.close()
        let reopened = try directory.open(makeKeys(2))
        #expect(try reopened.tokens().tokens.last == makeToken(99))
        #expect(try reopened.grants().grants.last == StoredGrant(grant: makeGrant(99)))
    }

    @Test func `Rows of several keys become rows of one, and once more of another`() async throws {
        try await filled(makeKeys(1)).close()
        var store = try directory.open(makeKeys(2, 1))
        try await store.save(tokens[3])
        try await store.put(grants[3], .held, intent: makeIntent())
        #expect(try await store.rekey(to: makeKeys(2)) == 40)
        #expect(try sealingKeys(store) == [makeKeys(2).sealing.id])
        #expect(try await store.rekey(to: makeKeys(3, 2)) == 40)
        #expect(try await store.rekey(to: makeKeys(3)) == 40)
        try store.close()
        expectWrong(makeKeys(1, 2))
        store = try directory.open(makeKeys(3))
        #expect(try sealingKeys(store) == [makeKeys(3).sealing.id])
        #expect(Set(try store.tokens().tokens.map(\.slot)) == Set(tokens.map(\.slot)))
        #expect(try store.grants().grants.map(\.grant) == grants)
    }

    @Test func `The key in use can be given again`() async throws {
        let store = try await filled(makeKeys(1))
        let old = try nonces(store)
        #expect(try await store.rekey(to: makeKeys(1)) == 40)
        #expect(Set(try nonces(store)).isDisjoint(with: old))
        try expectAll(store)
    }

    @Test func `An empty store takes the new key`() async throws {
        let store = try directory.open(makeKeys(1))
        #expect(try await store.rekey(to: makeKeys(2)) == 0)
        try await store.save(makeToken())
        try store.close()
        expectWrong(makeKeys(1))
        #expect(try directory.open(makeKeys(2)).tokens().tokens == [makeToken()])
    }

    @Test(arguments: ["sealed_token = zeroblob(60)", "client_id = x'FF'", "client = 'moved'"])
    func `A row that cannot be opened stops it, and nothing is changed`(damage: String) async throws {
        try await filled(makeKeys(1)).close()
        try directory.tamper("UPDATE refresh_grant SET \(damage) WHERE client = 'g1'")
        try directory.tamper("UPDATE access_token SET client_id = x'78' WHERE client IN ('t2', 't3')")
        let store = try directory.open(makeKeys(1))
        let (found, old) = (try store.grants(), try nonces(store))
        let error = await #expect(throws: TokenStoreError.self) { try await store.rekey(to: makeKeys(2)) }
        let moved = damage.contains("moved") ? "moved" : "g1"
        let clients = [moved, "t2", "t3"].sorted()
        #expect(error == .unreadableRows(path: directory.database, count: 3, clients: clients))
        #expect(
            error?.description == """
                3 rows of \(directory.database) cannot be opened with the keys given \
                (clients: \(clients.joined(separator: ", "))). \
                Give the keys that sealed them among the later entries of daemon.state_key, or log their clients out.
                """
        )
        #expect(try store.grants() == found)
        #expect(try nonces(store) == old)
        #expect(try sealingKeys(store) == [makeKeys(1).sealing.id])
        try await store.save(makeToken())
        try store.close()
        expectWrong(makeKeys(2))
        #expect(try directory.open(makeKeys(1)).tokens().tokens.contains(makeToken()))
    }

    @Test func `A message names a few of many clients, and no damage in the place of a name`() {
        let clients = (1...9).map { "c\($0)" } + ["c1", "\u{1B}[2J", nil]
        let error = TokenStoreError(unreadableRowsOf: clients, path: "p")
        let names = ["c1", "c2", "c3", "c4", "c5", "and 4 more"]
        #expect(error == .unreadableRows(path: "p", count: 12, clients: names))
        #expect(TokenStoreError(unreadableRowsOf: [nil], path: "p").problem.hasSuffix("with the keys given"))
    }

    @Test func `A crash within it leaves the old seals`() async throws {
        let store = try await filled(makeKeys(1))
        let copy = try TemporaryDirectory()
        try await store.queue.writeWithoutTransaction { [directory] database in
            // So that much of it is in the log before it is complete.
            try database.execute(sql: "PRAGMA cache_size = 1")
            try database.inTransaction {
                let keys = makeKeys(2).adding(makeKeys(1))
                let count = try Rekeying.sealAll(database, with: keys.sealing, opening: keys, path: "p")
                #expect(count == 40)
                try FileManager.default.copyItem(atPath: directory.path + "/state", toPath: copy.path + "/state")
                return .rollback
            }
        }
        try FileManager.default.removeItem(atPath: copy.database + "-shm")
        for directory in [directory, copy] {
            let restarted = try directory.open(makeKeys(1))
            #expect(restarted.salvage == nil)
            try expectAll(restarted)
            #expect(try sealingKeys(restarted) == [makeKeys(1).sealing.id])
        }
    }

    @Test func `A crash right after it leaves the new seals`() async throws {
        let store = try await filled(makeKeys(1))
        // Someone reads, and so keeps the log.
        var configuration = Configuration()
        configuration.readonly = true
        configuration.allowsUnsafeTransactions = true
        let reader = try DatabaseQueue(path: directory.database, configuration: configuration)
        try await reader.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN")
            _ = try Row.fetchAll(database, sql: "SELECT * FROM sealing_key")
        }
        try await store.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA busy_timeout = 1") }
        #expect(try await store.rekey(to: makeKeys(2)) == 40)
        #expect(try !directory.bytes("-wal").isEmpty)
        let copy = try TemporaryDirectory()
        try FileManager.default.copyItem(atPath: directory.path + "/state", toPath: copy.path + "/state")
        try FileManager.default.removeItem(atPath: copy.database + "-shm")
        try await reader.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        try expectAll(store)
        try expectAll(try copy.open(makeKeys(2)))
        #expect(throws: TokenStoreError.wrongKey(path: copy.database)) { try copy.open(makeKeys(1)) }
    }

    @Test func `A full disk stops it, and nothing is changed`() async throws {
        let store = try await filled(makeKeys(1))
        // A page of its own, for the second key.
        try await store.queue.write { database in
            let large = (0..<200).map { Data(repeating: UInt8($0), count: 19) }
            for id in large { try database.execute(sql: "INSERT INTO sealing_key VALUES (?)", arguments: [id]) }
            try database.execute(sql: "INSERT INTO sealing_key VALUES (?)", arguments: [Data(repeating: 1, count: 3)])
        }
        var added = 0
        try await store.withoutRoom {
            var full = false
            while !full {
                added += 1
                let key = Secret(bytes: (0..<32).map { UInt8(($0 * added + added) & 0xFF) })
                let keys = try StateKeys(sealing: key, opening: [stateKey(1)])
                do { try await store.queue.write { try Schema.recordSealingKey(keys.sealing, $0) } } catch {
                    full = true
                }
            }
            await #expect(throws: TokenStoreError.full(path: directory.database)) {
                try await store.rekey(to: makeKeys(2))
            }
        }
        try expectAll(store)
        #expect(try !sealingKeys(store).contains(makeKeys(2).sealing.id))
        try await store.save(tokens[0])
        #expect(try await store.rekey(to: makeKeys(2)) == 40)
        #expect(try sealingKeys(store) == [makeKeys(2).sealing.id])
    }

    @Test func `Writes that meet it are sealed with one key or the other, and all open with the new one`() async throws
    {
        let store = try directory.open(makeKeys(1))
        try await withThrowingTaskGroup { group in
            for number in 0..<60 {
                group.addTask { try await store.save(makeToken(number, client: "t\(number)")) }
                group.addTask {
                    let grant = makeGrant(number, client: "g\(number)")
                    try await store.takeUp(grant, firstToken: nil, droppingTokens: false)
                }
                if number % 20 == 10 {
                    group.addTask { _ = try await store.rekey(to: makeKeys(UInt8(number / 20 + 2))) }
                }
            }
            try await group.waitForAll()
        }
        _ = try await store.rekey(to: makeKeys(9))
        try store.close()
        let reopened = try directory.open(makeKeys(9))
        #expect(try reopened.tokens().tokens.count == 60 && reopened.tokens().unreadable == [])
        #expect(try reopened.grants().grants.count == 60 && reopened.grants().unreadable == [])
    }
}
