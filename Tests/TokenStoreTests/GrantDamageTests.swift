import Foundation
import GRDB
import OAuth2
import TestSupport
import Testing

@testable import TokenStore

struct GrantDamageTests {
    /// Enough rows for several pages.
    private static let count = 60

    private let setAside = TemporaryDirectory.setAside

    private let grants = (0..<GrantDamageTests.count).map { number in
        makeGrant(number, client: "c\(number)", token: String(repeating: "r", count: 900))
    }

    /// A closed database of grants, each about a quarter of a page, with their takeovers.
    private func makeDatabase() async throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let store = try directory.open(keys)
        try await store.doNotWaitForTheDisk()
        for grant in grants {
            let first = firstToken("first", client: grant.id.client.value)
            try await store.takeUp(grant, firstToken: first, droppingTokens: false, isRetaken: true)
            try await store.begin(makeIntent(), of: grant.id)
        }
        try store.close()
        return directory
    }

    /// So damaged that it is set aside, with all rows left.
    private func spoil(_ directory: TemporaryDirectory) throws {
        let queue = try DatabaseQueue(path: directory.database)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA writable_schema = ON")
            try database.execute(sql: "UPDATE sqlite_master SET name = NULL WHERE name = 'sealing_key'")
        }
        try queue.close()
    }

    private func spoilLastPage(_ directory: TemporaryDirectory) throws {
        var bytes = try directory.bytes()
        bytes.replaceSubrange((bytes.count - 4096)..., with: Data(repeating: 0x55, count: 4096))
        try directory.write(bytes)
    }

    @Test func `A page of garbage costs the grants on it, and no takeover`() async throws {
        let whole = try await makeDatabase()
        let pages = try whole.bytes().count / 4096
        var (random, rescuedMost) = (SeededGenerator(seed: 9), 0)
        for page in 1..<pages {
            let directory = try TemporaryDirectory()
            try FileManager.default.copyItem(atPath: whole.path + "/state", toPath: directory.path + "/state")
            var bytes = try directory.bytes()
            for index in page * 4096..<(page + 1) * 4096 { bytes[index] = .random(in: 0...255, using: &random) }
            try directory.write(bytes)
            let store = try directory.open(keys)
            let found = try store.grants()
            #expect(found.unreadable == [])
            for grant in found.grants { #expect(grants.contains(grant.grant) && grant.intent == makeIntent()) }
            for grant in grants { #expect(store.wasTakenOver(firstToken("first", client: grant.id.client.value))) }
            guard let salvage = store.salvage else {
                // Only a page that holds nothing may be spoilt without notice.
                #expect(found.grants.count == GrantDamageTests.count)
                continue
            }
            #expect(try directory.bytes(setAside) == bytes)
            #expect(salvage.rescuedGrants == found.grants.count)
            if salvage.rescuedGrants >= GrantDamageTests.count - 8 { rescuedMost += 1 }
        }
        #expect(rescuedMost >= pages - 8, "\(rescuedMost) of \(pages) pages cost no more than a page's rows")
    }

    @Test func `Everything of a grant is rescued`() async throws {
        let directory = try await makeDatabase()
        var store = try directory.open(keys)
        try await store.takeUp(makeGrant(90, client: "c0"), firstToken: nil, droppingTokens: false)
        try await store.setStanding(.refused(refusal), of: grants[1].id)
        try await store.setUnconfigured([grants[2].id], since: .seconds(7))
        let before = try store.grants()
        try store.close()
        // What is beside the database must not stand in for the table.
        try FileManager.default.removeItem(atPath: directory.database + ".first-tokens")
        try spoil(directory)
        store = try directory.open(keys)
        let salvage = try #require(store.salvage)
        #expect(salvage.rescuedGrants == GrantDamageTests.count + 1)
        #expect(salvage.unreadableGrants == [])
        #expect(try store.grants() == before)
        for grant in grants { #expect(store.wasTakenOver(firstToken("first", client: grant.id.client.value))) }
        // Who was replaced by whom is rescued too.
        #expect(try await store.refuse(makeGrant(90, client: "c0").id, refusal) == grants[0].id)
        try store.close()
        #expect(try directory.open(keys).salvage == nil)
    }

    @Test func `Grants that cannot be opened are reported by the salvage`() async throws {
        let directory = try await makeDatabase()
        try directory.tamper("UPDATE refresh_grant SET client_id = x'78' WHERE client = 'c1'")
        try directory.tamper("UPDATE refresh_grant SET standing = 'odd' WHERE client = 'c2'")
        try spoil(directory)
        let salvage = try #require(try directory.open(keys).salvage)
        #expect(salvage.rescuedGrants == GrantDamageTests.count - 2)
        #expect(
            salvage.unreadableGrants == [
                UnreadableGrant(client: "c1", reason: .sealBroken), UnreadableGrant(client: "c2", reason: .malformed),
            ]
        )
    }

    @Test func `Of two grants that damage left held the later one is, and of two tokens of a lineage the newer`()
        async throws
    {
        let directory = try await makeDatabase()
        var store = try directory.open(keys)
        try await store.put(makeGrant(91, client: "c0", lineage: "new"), .restored)
        try await store.put(makeGrant(92, client: "c1", lineage: "twin", sequence: 8), .refused(refusal))
        let newer = try store.grants().grants.last
        try store.close()
        try directory.tamper("DROP INDEX held_grant")
        try directory.tamper("UPDATE refresh_grant SET standing = 'held' WHERE client = 'c0'")
        // As a table without its uniqueness: the older token of the lineage, in a row after the newer one's.
        try directory.tamper("CREATE TABLE copy AS SELECT * FROM refresh_grant; DROP TABLE refresh_grant")
        try directory.tamper("ALTER TABLE copy RENAME TO refresh_grant")
        let scratch = try TemporaryDirectory()
        store = try scratch.open(keys)
        try await store.put(makeGrant(93, client: "c1", lineage: "twin", sequence: 7), .superseded)
        try store.close()
        try directory.tamper(
            """
            ATTACH '\(scratch.database)' AS scratch;
            INSERT INTO refresh_grant SELECT 500, \(RefreshGrantTable.columns.joined(separator: ", "))
            FROM scratch.refresh_grant
            """
        )
        try spoil(directory)
        store = try directory.open(keys)
        let salvage = try #require(store.salvage)
        #expect(salvage.rescuedGrants == GrantDamageTests.count + 2)
        #expect(try store.grant(grants[0].id)?.standing == .replaced)
        #expect(try store.grant(grantID("c0", "new"))?.standing == .held)
        #expect(try store.grant(grantID("c1", "twin")) == newer)
    }

    @Test func `A damaged database of grants that another key sealed stays where it is`() async throws {
        let directory = try await makeDatabase()
        try spoilLastPage(directory)
        let bytes = try directory.bytes()
        #expect(throws: TokenStoreError.wrongKey(path: directory.database)) { try directory.open(makeKeys(9)) }
        #expect(try directory.bytes() == bytes)
        #expect(try directory.names.filter { $0.contains("corrupt") } == [])
    }
}
