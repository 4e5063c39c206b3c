import Foundation
import GRDB
import OAuth2
import Testing

@testable import TokenStore

struct OpeningTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func `Migrations keep their names and their order`() {
        #expect(Schema.migrator.migrations == ["access tokens", "refresh grants", "login subjects"])
    }

    @Test func `The schema is the one that was released`() throws {
        let store = try directory.open(keys)
        let columns = try store.queue.read { database in
            try ["sealing_key", "access_token", "refresh_grant", "first_token"].map {
                try database.columns(in: $0).map(\.name)
            }
        }
        #expect(
            columns == [
                ["key_id"],
                [
                    "id", "client", "target", "client_id", "token_endpoint", "token_type", "scope",
                    "received_since_boot", "received_since_epoch", "received_boot", "lifetime", "refresh_age",
                    "asked_since_boot", "asked_since_epoch", "asked_boot", "key_id", "sealed_value",
                ],
                [
                    "id", "client", "lineage", "sequence", "client_id", "token_endpoint", "first_issued_at",
                    "renewed_at", "stated_end", "is_rotating", "key_id", "sealed_token", "standing", "refused_at",
                    "refusal_error", "refusal_words", "refusal_status", "unanswered_count", "unanswered_since",
                    "unanswered_failure", "intent_sequence", "intent_attempts", "intent_since", "intent_failure",
                    "unconfigured_since", "replaced_by", "subject", "subject_name",
                ],
                ["id", "client", "fingerprint", "taken_at"],
            ]
        )
    }

    @Test func `The connection is durable, wary and clean`() throws {
        let store = try directory.open(keys)
        let settings = [
            "journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "trusted_schema": "0",
            "cell_size_check": "1",
        ]
        for (name, value) in settings {
            let found = try store.queue.read { try String.fetchOne($0, sql: "PRAGMA \(name)") }
            #expect(found == value, "\(name)")
        }
    }

    @Test func `Directory and files are the owner's alone`() async throws {
        let store = try directory.open(keys)
        try await store.save(makeToken())
        let state = directory.path + "/state"
        let modes = try ([""] + directory.names.map { "/" + $0 }).map { name in
            try FileManager.default.attributesOfItem(atPath: state + name)[.posixPermissions] as? Int
        }
        #expect(modes == [0o700, 0o600, 0o600, 0o600])
    }

    @Test func `Opening again changes nothing and needs no salvage`() async throws {
        var store = try directory.open(keys)
        try await store.save(makeToken())
        try store.close()
        let bytes = try directory.bytes()
        for _ in 0..<3 {
            store = try directory.open(keys)
            #expect(store.salvage == nil)
            try store.close()
            #expect(try directory.bytes() == bytes)
        }
    }

    @Test func `A copy of the files taken under a running store holds every save that returned`() async throws {
        let store = try directory.open(keys)
        for number in 0..<40 {
            try await store.save(makeToken(number, client: "c\(number)"))
            guard number % 13 == 0 else { continue }
            let copy = try TemporaryDirectory()
            try FileManager.default.copyItem(atPath: directory.path + "/state", toPath: copy.path + "/state")
            let restarted = try copy.open(keys)
            #expect(restarted.salvage == nil)
            #expect(try restarted.tokens().tokens == (0...number).map { makeToken($0, client: "c\($0)") })
        }
    }

    @Test func `A log that was cut short loses its last transaction at most`() async throws {
        let store = try directory.open(keys)
        try await store.save(makeToken(1, client: "a"))
        let whole = try directory.bytes("-wal").count
        try await store.save(makeToken(2, client: "b"))
        let (database, log) = (try directory.bytes(), try directory.bytes("-wal"))
        #expect(log.count > whole)
        for count in stride(from: whole, to: log.count, by: 997) {
            let torn = try TemporaryDirectory()
            try FileManager.default.createDirectory(atPath: torn.path + "/state", withIntermediateDirectories: true)
            try torn.write(database)
            try torn.write(log.prefix(count), "-wal")
            let restarted = try torn.open(keys)
            #expect(restarted.salvage == nil)
            #expect(try restarted.tokens().tokens == [makeToken(1, client: "a")])
        }
    }

    @Test func `A newer database is refused and left as it is`() async throws {
        let store = try directory.open(keys)
        try await store.save(makeToken())
        try store.close()
        try directory.tamper("INSERT INTO grdb_migrations VALUES ('sinks')")
        let bytes = try directory.bytes()
        #expect(
            throws: TokenStoreError.newerDatabase(
                path: directory.database,
                found: ["access tokens", "login subjects", "refresh grants", "sinks"],
                known: ["access tokens", "refresh grants", "login subjects"]
            )
        ) { try directory.open(keys) }
        #expect(try directory.bytes() == bytes)
        #expect(try directory.names.filter { $0.contains("corrupt") } == [])
    }

    @Test func `A database of another program is refused and left as it is`() throws {
        try FileManager.default.createDirectory(atPath: directory.path + "/state", withIntermediateDirectories: true)
        try directory.tamper("CREATE TABLE cookies (value TEXT)")
        let bytes = try directory.bytes()
        #expect(throws: TokenStoreError.foreignDatabase(path: directory.database)) { try directory.open(keys) }
        #expect(try directory.bytes() == bytes)
    }

    @Test func `An empty file is a new database`() throws {
        try FileManager.default.createDirectory(atPath: directory.path + "/state", withIntermediateDirectories: true)
        try directory.write(Data())
        #expect(try directory.open(keys).salvage == nil)
    }

    @Test func `A path that cannot be made is an error that names it`() throws {
        let file = directory.path + "/file"
        try Data().write(to: URL(fileURLWithPath: file))
        for path in [file + "/state.db", "/proc/tokenbroker/state.db", directory.path] {
            let error = #expect(throws: TokenStoreError.self) { try TokenStore.open(path: path, keys: keys) }
            guard case .unreadable(path, let reason) = error else {
                Issue.record("\(path): \(String(describing: error))")
                continue
            }
            #expect(!reason.isEmpty)
        }
    }

    @Test func `A row of the first version still opens`() throws {
        try directory.open(keys).close()
        try directory.tamper(FirstVersion.row)
        #expect(try directory.open(keys).tokens() == StoredTokens(tokens: [makeToken()], unreadable: []))
    }
}

/// What the first version wrote for `makeToken()` under `keys`.
private enum FirstVersion {
    static let row = """
        INSERT INTO access_token VALUES (
            1, 'billing', X'0000000000000001000000000000000472656164000000000000000000', X'69642D31',
            X'68747470733A2F2F61732E6578616D706C652F746F6B656E2F31', X'426561726572',
            X'000000000000000200000000000000047265616400000000000000027331',
            1123456789, 1700000001987654321, 'boot-1', 3601000000000, 2700000000002,
            8123456789, 1700000008987654321, 'asked-1', X'69AA9590EC211A39',
            X'3F7B6964F4C5A8DD2D8B1FA628640041D36C7788B6BB57A4FE415DB5DDC760496BB0C0')
        """
}
