import Foundation
import GRDB
import OAuth2
import Testing

@testable import TokenStore

struct BackupTests {
    let directory: TemporaryDirectory
    let store: TokenStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try directory.open(keys)
    }

    private var backup: String { directory.path + "/backup" }

    /// Another machine's state directory, with the backup as its database.
    private func restored() throws -> TemporaryDirectory {
        let other = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: other.path + "/state", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: backup, toPath: other.database)
        return other
    }

    @Test func `A backup is one file with everything in it, and rotating grants are restored from it`() async throws {
        let grants: [(RefreshGrant, GrantStanding)] = [
            (makeGrant(1, client: "rotating"), .held),
            (makeGrant(2, client: "reusable", isRotating: false), .held),
            (makeGrant(3, client: "rotating"), .refused(refusal)),
            (makeGrant(4, client: "rotating"), .superseded),
            (makeGrant(5, client: "old"), .restored),
            (makeGrant(6, client: "rotating"), .replaced),
        ]
        for (grant, standing) in grants { try await store.put(grant, standing, intent: makeIntent()) }
        try await store.setUnconfigured([grants[0].0.id], since: .seconds(5))
        try await store.save(makeToken())
        let first = firstToken("first", client: "new")
        try await store.takeUp(makeGrant(7, client: "new"), firstToken: first, droppingTokens: false)
        let before = try store.grants()

        try await store.backUp(to: backup)

        #expect(try store.grants() == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["backup", "state"])
        let attributes = try FileManager.default.attributesOfItem(atPath: backup)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: backup))
        #expect(bytes[18...19] == Data([1, 1]), "the file says that it has no log")

        let restored = try restored()
        let copy = try restored.open(keys)
        #expect(copy.salvage == nil)
        #expect(try copy.tokens() == StoredTokens(tokens: [makeToken()], unreadable: []))
        var expected = before.grants
        for index in expected.indices where expected[index].standing == .held && expected[index].grant.isRotating {
            expected[index].standing = .restored
            expected[index].intent = nil
        }
        #expect(expected.filter { $0.standing == .restored }.count == 3)
        #expect(expected[1] == StoredGrant(grant: grants[1].0, intent: makeIntent()))
        #expect(try copy.grants() == StoredGrants(grants: expected, unreadable: []))
        #expect(copy.wasTakenOver(first))
        #expect(try restored.bytes(".first-tokens") == directory.bytes(".first-tokens"))
    }

    @Test func `From a backup no replaced grant is held without the operator's word`() async throws {
        for number in 1...2 { try await store.takeUp(makeGrant(number), firstToken: nil, droppingTokens: false) }
        try await store.backUp(to: backup)
        let copy = try restored().open(keys)
        #expect(try copy.standings == ["lineage-1": .replaced, "lineage-2": .restored])
        try await copy.setStanding(.held, of: makeGrant(2).id)
        #expect(try await copy.refuse(makeGrant(2).id, refusal) == nil)
        #expect(try copy.standings["lineage-1"] == .replaced)
        #expect(try await store.refuse(makeGrant(2).id, refusal) == makeGrant(1).id)
    }

    @Test func `A backup of a backup is one too`() async throws {
        try await store.takeUp(makeGrant(), firstToken: nil, droppingTokens: false)
        try await store.backUp(to: backup)
        let copy = try restored()
        let second = try copy.open(keys)
        try await second.backUp(to: copy.path + "/backup")
        try second.close()
        try FileManager.default.removeItem(atPath: copy.database)
        try FileManager.default.moveItem(atPath: copy.path + "/backup", toPath: copy.database)
        #expect(try copy.open(keys).standings == ["lineage-1": .restored])
    }

    @Test func `Without its key a backup opens as little as the original`() async throws {
        try await store.takeUp(makeGrant(), firstToken: nil, droppingTokens: false)
        try await store.backUp(to: backup)
        let restored = try restored()
        let bytes = try restored.bytes()
        #expect(throws: TokenStoreError.wrongKey(path: restored.database)) { try restored.open(makeKeys(2)) }
        #expect(try restored.bytes() == bytes)
    }

    @Test func `A backup that is made while others write holds every write that returned before`() async throws {
        let store = store
        let written = (0..<200).map { makeToken($0, client: "c\($0)", value: String(repeating: "v", count: 500)) }
        try await store.fill(written)
        try await withThrowingTaskGroup { group in
            for number in 200..<300 {
                group.addTask { try await store.save(makeToken(number, client: "c\(number)")) }
                if number % 25 == 0 {
                    group.addTask { [directory] in try await store.backUp(to: "\(directory.path)/backup-\(number)") }
                }
            }
            try await group.waitForAll()
        }
        try await store.backUp(to: backup)
        for name in ["backup-200", "backup-225", "backup-250", "backup-275", "backup"] {
            let other = try TemporaryDirectory()
            try FileManager.default.createDirectory(atPath: other.path + "/state", withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: "\(directory.path)/\(name)", toPath: other.database)
            let copy = try other.open(keys)
            #expect(copy.salvage == nil)
            let found = try copy.tokens()
            #expect(found.unreadable == [])
            #expect(Set(found.tokens.map(\.slot)).isSuperset(of: written.map(\.slot)))
            #expect(name != "backup" || found.tokens.count == 300)
        }
    }

    @Test func `A file that is there is not touched, and a place that is not there is told`() async throws {
        try Data("mine".utf8).write(to: URL(fileURLWithPath: backup))
        let error = await #expect(throws: TokenStoreError.self) { try await store.backUp(to: backup) }
        #expect(error == .alreadyExists(path: backup))
        #expect(error?.description == "\(backup) exists already. Name a file that does not exist.")
        #expect(try Data(contentsOf: URL(fileURLWithPath: backup)) == Data("mine".utf8))
        let nowhere = directory.path + "/nowhere/backup"
        let failure = await #expect(throws: TokenStoreError.self) { try await store.backUp(to: nowhere) }
        guard case .unreadable(nowhere, _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test func `A closed store makes no backup and leaves no file`() async throws {
        try store.close()
        await #expect(throws: TokenStoreError.closed(path: directory.database)) { try await store.backUp(to: backup) }
        #expect(!FileManager.default.fileExists(atPath: backup))
    }

    @Test func `A database that is damaged under the store makes no backup and leaves no file`() async throws {
        try await store.fill(
            (0..<100).map { makeToken($0, client: "c\($0)", value: String(repeating: "v", count: 900)) }
        )
        try await store.queue.writeWithoutTransaction { database in
            _ = try Row.fetchAll(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            try database.execute(sql: "PRAGMA shrink_memory")
        }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: directory.database))
        try handle.write(contentsOf: Data(repeating: 0x5A, count: 20_000))
        try handle.close()
        await #expect(throws: TokenStoreError.self) { try await store.backUp(to: backup) }
        #expect(!FileManager.default.fileExists(atPath: backup))
    }
}
