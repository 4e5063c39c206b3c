import Foundation
import GRDB
import OAuth2
import Testing

@testable import TokenStore

struct FaultTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func `A full disk is told, keeps what was stored, and is over when there is room`() async throws {
        let store = try directory.open(keys)
        try await store.save(makeToken(1))
        let large = makeToken(2, value: String(repeating: "x", count: 1_000_000))
        try await store.queue.write { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(pages + 2)")
        }
        await #expect(throws: TokenStoreError.full(path: directory.database)) { try await store.save(large) }
        #expect(try store.tokens().tokens == [makeToken(1)])
        try await store.queue.write { _ = try Int.fetchOne($0, sql: "PRAGMA max_page_count = 1000000") }
        try await store.save(large)
        #expect(try store.tokens().tokens == [large])
    }

    @Test func `A database that became read-only is told and can still be read`() async throws {
        let store = try directory.open(keys)
        try await store.save(makeToken(1))
        try await store.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = ON") }
        let error = await #expect(throws: TokenStoreError.self) { try await store.save(makeToken(2)) }
        guard case .readOnly(directory.database, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try store.tokens().tokens == [makeToken(1)])
    }

    @Test func `A database that another process locked is told as busy`() async throws {
        let store = try directory.open(keys)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: directory.database, configuration: configuration)
        try await store.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA busy_timeout = 1") }
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        await #expect(throws: TokenStoreError.busy(path: directory.database)) { try await store.save(makeToken()) }
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try await store.save(makeToken())
    }

    @Test func `Damage that is met while running is told and does not end the process`() async throws {
        let store = try directory.open(keys)
        let value = String(repeating: "v", count: 900)
        try await store.fill((0..<40).map { makeToken($0, client: "c\($0)", value: value) })
        try await store.queue.writeWithoutTransaction { database in
            _ = try Row.fetchAll(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            // Nothing may be answered from memory.
            try database.execute(sql: "PRAGMA shrink_memory")
        }
        var bytes = try directory.bytes()
        for index in 4096..<bytes.count { bytes[index] = 0x5A }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: directory.database))
        try handle.write(contentsOf: bytes)
        try handle.close()
        let error = #expect(throws: TokenStoreError.self) { try store.tokens() }
        guard case .corrupt(directory.database, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `A closed store refuses and does not crash`() async throws {
        let store = try directory.open(keys)
        try store.close()
        try store.close()
        let closed = TokenStoreError.closed(path: directory.database)
        #expect(throws: closed) { try store.tokens() }
        await #expect(throws: closed) { try await store.save(makeToken()) }
        await #expect(throws: closed) { try await store.removeToken(makeToken().slot) }
    }

    @Test func `A cancelled caller's save is stored all the same`() async throws {
        let store = try directory.open(keys)
        let saving = Task {
            // Ends when the task is cancelled, as nothing else ends it.
            for await _ in AsyncStream<Never>(Never.self, { _ in }) {}
            try await store.save(makeToken())
            return Task.isCancelled
        }
        saving.cancel()
        #expect(try await saving.value)
        #expect(try store.tokens().tokens == [makeToken()])
    }

    @Test func `Saves from many tasks at once are all stored`() async throws {
        let store = try directory.open(keys)
        try await withThrowingTaskGroup { group in
            for number in 0..<200 {
                group.addTask { try await store.save(makeToken(number, client: "c\(number % 50)")) }
            }
            try await group.waitForAll()
        }
        #expect(Set(try store.tokens().tokens.map(\.slot)).count == 50)
        #expect(try store.tokens().unreadable == [])
    }

    @Test func `Ten thousand tokens come back`() async throws {
        let store = try directory.open(keys)
        let value = String(repeating: "t", count: 1200)
        let tokens = (0..<10_000).map { makeToken($0, client: "c\($0)", value: value) }
        try await store.fill(tokens)
        try store.close()
        #expect(try directory.open(keys).tokens() == StoredTokens(tokens: tokens, unreadable: []))
    }

    @Test(arguments: [
        (ResultCode.SQLITE_FULL, TokenStoreError.full(path: "p")),
        (.SQLITE_READONLY_DBMOVED, .readOnly(path: "p", reason: "m")),
        (.SQLITE_IOERR_FSYNC, .diskFailure(path: "p", reason: "m (1034)")),
        (.SQLITE_CORRUPT_INDEX, .corrupt(path: "p", reason: "m")), (.SQLITE_NOTADB, .corrupt(path: "p", reason: "m")),
        (.SQLITE_BUSY_SNAPSHOT, .busy(path: "p")), (.SQLITE_CANTOPEN, .unreadable(path: "p", reason: "m")),
        (.SQLITE_CONSTRAINT_CHECK, .failed(path: "p", reason: "m (275)")),
    ])
    func `SQLite's codes have one meaning each`(code: ResultCode, error: TokenStoreError) {
        #expect(TokenStoreError(DatabaseError(resultCode: code, message: "m"), path: "p") == error)
    }

    @Test func `An error names the file and what to do, and no statement`() {
        let error = TokenStoreError(
            DatabaseError(resultCode: .SQLITE_READONLY, message: "attempt to write", sql: "INSERT secret"),
            path: "/var/lib/tokenbroker/state.db"
        )
        #expect(
            error.description == """
                /var/lib/tokenbroker/state.db cannot be written: attempt to write. \
                Make /var/lib/tokenbroker/state.db and its directory writable for the daemon's user.
                """
        )
    }
}
