import Foundation
import GRDB
import OAuth2

/// Saves what can still be read of a damaged database.
enum Salvage {
    /// How many ids in a row may bring nothing: more than the largest removal leaves free, and an end for a table
    /// whose last id is unreadable, or garbage.
    private static let longestGap: Int64 = 10_000

    /// What was found.
    private struct Finds {
        var tokens = TokenCollection(rowsAreUnique: false)
        var grants = GrantCollection()
        var takeovers: [Takeover] = []
    }

    /// Puts a new database with what was rescued in the place of the damaged `file`, which is named after `time`.
    ///
    /// The new one is complete before the old one is moved, so that a crash at any point loses neither.
    static func replace(
        _ file: DatabaseFile,
        damage: String,
        keys: StateKeys,
        at time: Duration
    ) throws(TokenStoreError) -> SalvageReport {
        let finds = readable(file, keys: keys)
        let replacement = replacement(of: file)
        try replacement.remove()
        try replacement.create()
        do {
            let queue = try replacement.openQueue()
            try Schema.migrator.migrate(queue)
            try queue.write { database in try write(finds, database, key: keys.sealing) }
            // The last connection leaves no log behind, so one rename moves all of it.
            try queue.close()
        } catch { throw TokenStoreError(error, path: replacement.path) }
        let aside = try file.setAside(at: time)
        try replacement.move(to: file)
        return SalvageReport(
            setAsidePath: aside.path,
            damage: damage,
            rescuedTokens: finds.tokens.stored.tokens.count,
            rescuedGrants: finds.grants.grants.count,
            unreadable: finds.tokens.stored.unreadable,
            unreadableGrants: finds.grants.unreadable
        )
    }

    /// Ends a replacement that a crash interrupted between its two renames.
    static func finishInterrupted(_ file: DatabaseFile, at time: Duration) throws(TokenStoreError) {
        let replacement = replacement(of: file)
        guard !file.exists, replacement.exists else { return }
        // SQLite would play a log that the crash left behind into the new database.
        if file.hasCompanions { _ = try file.setAside(at: time) }
        try replacement.move(to: file)
    }

    private static func replacement(of file: DatabaseFile) -> DatabaseFile {
        DatabaseFile(path: file.path + ".salvaged")
    }

    private static func write(_ finds: Finds, _ database: Database, key: StateKey) throws {
        try Schema.recordSealingKey(key, database)
        for token in finds.tokens.stored.tokens {
            try AccessTokenTable.save(try AccessTokenRow(token, key: key), database)
        }
        for (grant, condition) in finds.grants.grants {
            // Of two that damage left held, the one that came later is.
            if condition.standing == .held { try RefreshGrantTable.replaceHeld(by: grant, database) }
            try RefreshGrantTable.put(try RefreshGrantRow(grant, key: key), condition, database)
        }
        for takeover in finds.takeovers { try FirstTokenTable.add(takeover, database) }
    }

    private static func readable(_ file: DatabaseFile, keys: StateKeys) -> Finds {
        // Of an empty database SQLite deletes the log, even when it only reads.
        guard !file.hasOrphanedLog, let queue = try? file.openReadOnlyQueue(despiteDamage: true) else {
            return Finds()
        }
        return queue.unsafeRead { database in
            var finds = Finds()
            var known = KnownValues()
            // What cannot be had again comes first.
            forEachID(of: "refresh_grant", database) { id in
                guard let row = try RefreshGrantTable.row(id, database) else { return false }
                finds.grants.add(row, keys: keys)
                return true
            }
            forEachID(of: "first_token", database) { id in
                guard let takeover = try FirstTokenTable.row(id, database) else { return false }
                if let takeover { finds.takeovers.append(takeover) }
                return true
            }
            forEachID(of: "access_token", database) { id in
                try AccessTokenTable.row(id, database) { row in
                    finds.tokens.add(row, keys: keys, knowing: &known)
                } != nil
            }
            return finds
        }
    }

    /// Goes through a table by id, as each look-up meets only the pages on its own way; `read` tells whether there is
    /// a row.
    private static func forEachID(of table: String, _ database: Database, read: (Int64) throws -> Bool) {
        guard (try? database.hasTable(table)) == true else { return }
        let last = try? Int64.fetchOne(database, sql: "SELECT MAX(id) FROM \(table)") ?? 0
        var (id, lastFound): (Int64, Int64) = (1, 0)
        while id <= last ?? .max, id <= lastFound + longestGap {
            if (try? read(id)) == true { lastFound = id }
            id += 1
        }
    }
}
