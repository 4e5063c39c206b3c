import Foundation
import GRDB
import OAuth2
import TestSupport
import Testing

@testable import TokenStore

struct DamageTests {
    /// Enough rows for several pages.
    private static let count = 60

    private let value = String(repeating: "v", count: 900)
    private let setAside = TemporaryDirectory.setAside

    /// A closed database of `count` tokens, each about a quarter of a page.
    private func makeDatabase() async throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let store = try directory.open(keys)
        try await store.fill((0..<DamageTests.count).map { makeToken($0, client: "c\($0)", value: value) })
        try store.close()
        return directory
    }

    private func expectSetAside(
        _ directory: TemporaryDirectory,
        damaged: Data,
        rescued: ClosedRange<Int>,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let store = try directory.open(keys)
        let salvage = try #require(store.salvage, sourceLocation: location)
        #expect(salvage.setAsidePath == directory.database + setAside, sourceLocation: location)
        #expect(try directory.bytes(setAside) == damaged, sourceLocation: location)
        #expect(!salvage.damage.isEmpty, sourceLocation: location)
        #expect(rescued.contains(salvage.rescuedTokens), "\(salvage.rescuedTokens)", sourceLocation: location)
        let found = try store.tokens()
        #expect(found.tokens.count == salvage.rescuedTokens, sourceLocation: location)
        #expect(found.unreadable == [], sourceLocation: location)
        for token in found.tokens { #expect(token.token.value.count == 900, sourceLocation: location) }
        try await store.save(makeToken(1000, client: "after"))
        try store.close()
        let reopened = try directory.open(keys)
        #expect(reopened.salvage == nil, sourceLocation: location)
        #expect(try reopened.tokens().tokens.count == salvage.rescuedTokens + 1, sourceLocation: location)
    }

    @Test(arguments: [0, 1, 17])
    func `A file with a spoilt header is set aside`(offset: Int) async throws {
        let directory = try await makeDatabase()
        var bytes = try directory.bytes()
        bytes[offset] ^= 0xFF
        try directory.write(bytes)
        try await expectSetAside(directory, damaged: bytes, rescued: 0...0)
    }

    @Test(arguments: [1, 50, 100, 5000])
    func `A file that is cut short is set aside`(count: Int) async throws {
        let directory = try await makeDatabase()
        let bytes = try directory.bytes().prefix(count)
        try directory.write(bytes)
        try await expectSetAside(directory, damaged: bytes, rescued: 0...0)
    }

    @Test(arguments: [
        "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('table', NULL, NULL, 2, NULL)",
        "UPDATE sqlite_master SET name = NULL, tbl_name = NULL WHERE name = 'sealing_key'",
        "UPDATE sqlite_master SET type = NULL, name = x'00ff' WHERE name = 'grdb_migrations'",
    ])
    func `A schema with nothing in the place of a name is set aside`(damage: String) async throws {
        let directory = try await makeDatabase()
        let queue = try DatabaseQueue(path: directory.database)
        try await queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA writable_schema = ON")
            try database.execute(sql: damage)
        }
        try queue.close()
        try await expectSetAside(directory, damaged: try directory.bytes(), rescued: 0...DamageTests.count)
    }

    @Test(arguments: ["NULL", "x'00ff'"])
    func `A record of migrations that names none is set aside`(name: String) async throws {
        let directory = try await makeDatabase()
        let queue = try DatabaseQueue(path: directory.database)
        try await queue.write { database in
            try database.execute(sql: "PRAGMA ignore_check_constraints = ON")
            try database.execute(sql: "DROP TABLE grdb_migrations")
            try database.execute(sql: "CREATE TABLE grdb_migrations (identifier)")
            try database.execute(sql: "INSERT INTO grdb_migrations VALUES (\(name))")
        }
        try queue.close()
        try await expectSetAside(
            directory,
            damaged: try directory.bytes(),
            rescued: DamageTests.count...DamageTests.count
        )
    }

    @Test func `The rows before the cut are rescued`() async throws {
        let directory = try await makeDatabase()
        let whole = try directory.bytes()
        let bytes = whole.prefix(whole.count * 3 / 4)
        try directory.write(bytes)
        try await expectSetAside(directory, damaged: bytes, rescued: 20...DamageTests.count - 1)
    }

    @Test func `A page of garbage costs the rows on it`() async throws {
        var rescuedSome = 0
        let pages = try await makeDatabase().bytes().count / 4096
        var random = SeededGenerator(seed: 4)
        for page in 1..<pages {
            let directory = try await makeDatabase()
            var bytes = try directory.bytes()
            for index in page * 4096..<(page + 1) * 4096 { bytes[index] = .random(in: 0...255, using: &random) }
            try directory.write(bytes)
            let store = try directory.open(keys)
            guard let salvage = store.salvage else {
                // Only a page that holds nothing may be spoilt without notice.
                #expect(try store.tokens().tokens.count == DamageTests.count)
                continue
            }
            #expect(try directory.bytes(setAside) == bytes)
            #expect(try store.tokens().tokens.count == salvage.rescuedTokens)
            #expect(try store.tokens().unreadable == [])
            if salvage.rescuedTokens >= DamageTests.count - 8 { rescuedSome += 1 }
        }
        #expect(rescuedSome >= pages - 5, "\(rescuedSome) of \(pages) pages cost no more than a page's rows")
    }

    @Test func `A file of anything else is set aside`() async throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.path + "/state", withIntermediateDirectories: true)
        let bytes = Data(String(repeating: "this is no database\n", count: 500).utf8)
        try directory.write(bytes)
        try await expectSetAside(directory, damaged: bytes, rescued: 0...0)
    }

    @Test func `A log without its database is set aside and not dropped`() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.open(keys)
        try await store.save(makeToken())
        let log = try directory.bytes("-wal")
        try store.close()
        for leaveEmptyFile in [true, false] {
            try? FileManager.default.removeItem(atPath: directory.database)
            if leaveEmptyFile { try directory.write(Data()) }
            try directory.write(log, "-wal")
            let reopened = try directory.open(keys)
            let salvage = try #require(reopened.salvage)
            #expect(salvage.rescuedTokens == 0)
            #expect(try directory.bytes((leaveEmptyFile ? setAside : setAside + "-2") + "-wal") == log)
            #expect(try reopened.tokens().tokens == [])
            try reopened.close()
        }
    }

    @Test func `The log of a damaged database is read, and goes with it`() async throws {
        let directory = try await makeDatabase()
        let store = try directory.open(keys)
        try await store.save(makeToken(1000, client: "c1"))
        let copy = try TemporaryDirectory()
        try FileManager.default.copyItem(atPath: directory.path + "/state", toPath: copy.path + "/state")
        var bytes = try copy.bytes()
        bytes.replaceSubrange((bytes.count - 8192)..., with: Data(repeating: 0x41, count: 8192))
        try copy.write(bytes)
        let log = try copy.bytes("-wal")
        let reopened = try copy.open(keys)
        #expect(reopened.salvage?.setAsidePath == copy.database + setAside)
        #expect(try copy.bytes(setAside) == bytes)
        #expect(try copy.bytes(setAside + "-wal") == log)
        #expect(try reopened.tokens().tokens.contains(makeToken(1000, client: "c1")))
    }

    @Test func `Each damaged database gets a name of its own`() throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.path + "/state", withIntermediateDirectories: true)
        let names = [setAside, setAside + "-2", setAside + "-3"]
        for (number, name) in names.enumerated() {
            try directory.write(Data(repeating: UInt8(number), count: 9000))
            let store = try directory.open(keys)
            #expect(store.salvage?.setAsidePath == directory.database + name)
            try store.close()
        }
        for (number, name) in names.enumerated() {
            #expect(try directory.bytes(name) == Data(repeating: UInt8(number), count: 9000))
        }
    }

    @Test func `A damaged database that another key sealed stays where it is`() async throws {
        let directory = try await makeDatabase()
        var bytes = try directory.bytes()
        let last = bytes.count - 4096
        bytes.replaceSubrange(last..., with: Data(repeating: 0x55, count: 4096))
        try directory.write(bytes)
        #expect(throws: TokenStoreError.wrongKey(path: directory.database)) { try directory.open(makeKeys(9)) }
        #expect(try directory.bytes() == bytes)
        #expect(try directory.names.filter { $0.contains("corrupt") } == [])
    }

    @Test func `Rows that cannot be opened are reported by the salvage`() async throws {
        let directory = try await makeDatabase()
        try directory.tamper("UPDATE access_token SET client_id = x'78' WHERE client = 'c1'")
        var bytes = try directory.bytes()
        let last = bytes.count - 4096
        bytes.replaceSubrange(last..., with: Data(repeating: 0x55, count: 4096))
        try directory.write(bytes)
        let salvage = try #require(try directory.open(keys).salvage)
        #expect(salvage.unreadable == [UnreadableToken(client: "c1", reason: .sealBroken)])
        #expect(salvage.rescuedTokens > 0)
    }

    @Test func `A replacement that a crash interrupted is completed`() async throws {
        let directory = try await makeDatabase()
        // As after the first of the two renames: the damaged file is aside, the new one is complete.
        try FileManager.default.moveItem(atPath: directory.database, toPath: directory.database + ".salvaged")
        try directory.write(Data(repeating: 1, count: 5000), setAside)
        let store = try directory.open(keys)
        #expect(try store.tokens().tokens.count == DamageTests.count)
        try store.close()
        #expect(try directory.names == ["tokenbroker.db", "tokenbroker.db" + setAside])
    }

    @Test func `A log that a crash left behind is not played into the replacement`() async throws {
        let directory = try await makeDatabase()
        let store = try directory.open(keys)
        try await store.removeTokens(of: clientName("c1"))
        let log = try directory.bytes("-wal")
        try store.close()
        try FileManager.default.moveItem(atPath: directory.database, toPath: directory.database + ".salvaged")
        try directory.write(Data(repeating: 1, count: 5000), setAside)
        try directory.write(log, "-wal")
        let restarted = try directory.open(keys)
        #expect(try directory.bytes(setAside + "-2-wal") == log)
        #expect(try restarted.tokens().tokens.count == DamageTests.count - 1)
    }

    @Test func `A replacement that a crash left unfinished is made anew`() async throws {
        let directory = try await makeDatabase()
        try directory.write(Data(repeating: 1, count: 5000), ".salvaged")
        let whole = try directory.bytes()
        let bytes = whole.prefix(whole.count * 3 / 4)
        try directory.write(bytes)
        try await expectSetAside(directory, damaged: bytes, rescued: 20...DamageTests.count - 1)
    }
}
