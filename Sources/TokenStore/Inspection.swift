import GRDB

/// A look at a database before anything of it is changed.
enum Inspection {
    /// What was found.
    enum Verdict: Equatable {
        /// It can be used.
        case sound

        /// It is damaged, in SQLite's words.
        case damaged(String)
    }

    /// Throws for a database that is not ours to touch: newer, of another program, or sealed with other keys.
    static func inspect(_ file: DatabaseFile, keys: StateKeys) throws(TokenStoreError) -> Verdict {
        // SQLite would call it a failing disk.
        guard !file.isDirectory else { throw .unreadable(path: file.path, reason: "it is a directory") }
        guard !file.hasOrphanedLog else { return .damaged("a write-ahead log lies beside an empty database") }
        guard !file.isTorn else { return .damaged("the file is shorter than its header") }
        guard file.exists else { return .sound }
        do {
            let queue = try file.openReadOnlyQueue()
            let verdict = try queue.unsafeRead { database in try inspect(database, path: file.path, keys: keys) }
            try queue.close()
            return verdict
        } catch {
            let problem = TokenStoreError(error, path: file.path)
            if case .corrupt(_, let reason) = problem { return .damaged(reason) }
            throw problem
        }
    }

    private static func inspect(_ database: Database, path: String, keys: StateKeys) throws -> Verdict {
        guard try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_master") != 0 else { return .sound }
        guard try database.tableExists("grdb_migrations") else { throw TokenStoreError.foreignDatabase(path: path) }
        let migrator = Schema.migrator
        let applied = try migrator.appliedIdentifiers(database)
        guard applied.isSubset(of: migrator.migrations) else {
            throw TokenStoreError.newerDatabase(path: path, found: applied.sorted(), known: migrator.migrations)
        }
        if try database.tableExists("sealing_key") {
            let used = try Schema.sealingKeys(database)
            guard used.isEmpty || used.contains(where: { keys[$0] != nil }) else {
                throw TokenStoreError.wrongKey(path: path)
            }
        }
        let finding = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? "quick_check says nothing"
        return finding == "ok" ? .sound : .damaged(finding)
    }
}
