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
        guard try database.hasTable("grdb_migrations") else { throw TokenStoreError.foreignDatabase(path: path) }
        let migrator = Schema.migrator
        guard let applied = try database.appliedMigrations else {
            return .damaged("the record of migrations cannot be read")
        }
        guard applied.isSubset(of: migrator.migrations) else {
            throw TokenStoreError.newerDatabase(path: path, found: applied.sorted(), known: migrator.migrations)
        }
        if try database.hasTable("sealing_key") {
            let used = try Schema.sealingKeys(database)
            let missing = used.filter { keys[$0] == nil }
            guard missing.isEmpty || !keys.openAll && missing.count < used.count else {
                throw TokenStoreError.wrongKey(path: path)
            }
        }
        let finding = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? "quick_check says nothing"
        return finding == "ok" ? .sound : .damaged(finding)
    }
}

// Not GRDB's own, which trap where a damaged file has NULL in the place of a name.
extension Database {
    /// Whether there is a table of that name, as far as can be read.
    func hasTable(_ name: String) throws -> Bool {
        let sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return try Row.fetchOne(self, sql: sql, arguments: [name]) != nil
    }

    /// The migrations that were applied; nil when something else stands in the place of a name.
    fileprivate var appliedMigrations: Set<String>? {
        get throws {
            let rows = try Row.fetchAll(self, sql: "SELECT identifier FROM grdb_migrations")
            let names = rows.compactMap { String.fromDatabaseValue($0[0]) }
            return names.count == rows.count ? Set(names) : nil
        }
    }
}
