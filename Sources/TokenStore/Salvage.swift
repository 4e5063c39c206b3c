import Foundation
import GRDB

/// Saves what can still be read of a damaged database.
enum Salvage {
    /// How many ids in a row may bring nothing: more than the largest removal leaves free, and an end for a table
    /// whose last id is unreadable, or garbage.
    private static let longestGap: Int64 = 10_000

    /// Puts a new database with the rescued tokens in the place of the damaged `file`.
    ///
    /// The new one is complete before the old one is moved, so that a crash at any point loses neither.
    static func replace(_ file: DatabaseFile, damage: String, keys: StateKeys) throws(TokenStoreError) -> SalvageReport
    {
        let found = readable(file, keys: keys)
        let replacement = replacement(of: file)
        try replacement.remove()
        try replacement.create()
        do {
            let queue = try replacement.openQueue()
            try Schema.migrator.migrate(queue)
            try queue.write { database in
                try Schema.recordSealingKey(keys.sealing, database)
                for token in found.tokens {
                    try AccessTokenTable.save(try AccessTokenRow(token, key: keys.sealing), database)
                }
            }
            // The last connection leaves no log behind, so one rename moves all of it.
            try queue.close()
        } catch { throw TokenStoreError(error, path: replacement.path) }
        let aside = try file.setAside()
        try replacement.move(to: file)
        return SalvageReport(
            setAsidePath: aside.path,
            damage: damage,
            rescuedTokens: found.tokens.count,
            unreadable: found.unreadable
        )
    }

    /// Ends a replacement that a crash interrupted between its two renames.
    static func finishInterrupted(_ file: DatabaseFile) throws(TokenStoreError) {
        let replacement = replacement(of: file)
        guard !file.exists, replacement.exists else { return }
        // SQLite would play a log that the crash left behind into the new database.
        if file.hasCompanions { _ = try file.setAside() }
        try replacement.move(to: file)
    }

    private static func replacement(of file: DatabaseFile) -> DatabaseFile {
        DatabaseFile(path: file.path + ".salvaged")
    }

    /// Reads row by row, by id, as each look-up meets only the pages on its own way.
    private static func readable(_ file: DatabaseFile, keys: StateKeys) -> StoredTokens {
        // Of an empty database SQLite deletes the log, even when it only reads.
        guard !file.hasOrphanedLog, let queue = try? file.openReadOnlyQueue(despiteDamage: true) else {
            return StoredTokens(tokens: [], unreadable: [])
        }
        return queue.unsafeRead { database in
            var collected = TokenCollection()
            guard (try? database.hasTable("access_token")) == true else { return collected.stored }
            let last = try? Int64.fetchOne(database, sql: "SELECT MAX(id) FROM access_token") ?? 0
            var (id, lastFound): (Int64, Int64) = (1, 0)
            while id <= last ?? .max, id <= lastFound + longestGap {
                let found = try? AccessTokenTable.add(id: id, to: &collected, database, keys: keys)
                if found == true { lastFound = id }
                id += 1
            }
            return collected.stored
        }
    }
}
