import Foundation
import GRDB

extension TokenStore {
    /// Copies the database, as it is after the writes so far, into a new file at `path`, which its owner alone can read.
    ///
    /// Everything stays sealed. In the copy every held grant that may rotate is `restored`, as the original may spend
    /// it. Throws `alreadyExists` when there is a file; leaves none behind when it throws.
    package func backUp(to path: String) async throws(TokenStoreError) {
        let outcome: Result<Void, TokenStoreError> = await withCheckedContinuation { continuation in
            // On a thread and a connection of its own: a slow disk there holds up no write here.
            Thread.detachNewThread { [self] in
                continuation.resume(returning: Result { () throws(TokenStoreError) in try copy(to: path) })
            }
        }
        try outcome.get()
    }

    private func copy(to path: String) throws(TokenStoreError) {
        // Waits for the writes so far, and throws when the store is closed.
        try read { database, _ in _ = try Row.fetchOne(database, sql: "SELECT 1") }
        let backup = DatabaseFile(path: path)
        guard !backup.exists else { throw .alreadyExists(path: path) }
        do {
            try backup.makeEmpty()
            do { try work(.copy) { try backup.fill(from: DatabaseFile(path: self.path)) } } catch {
                try? backup.remove()
                throw error
            }
        } catch { throw TokenStoreError(error, path: path) }
    }
}

extension DatabaseFile {
    /// Makes the empty file a copy of `original`, without a log beside it.
    fileprivate func fill(from original: DatabaseFile) throws {
        let source = try original.openReadOnlyQueue()
        let copy = try openSingleFileQueue()
        try source.backup(to: copy)
        try copy.writeWithoutTransaction { database in
            // The header still says that there is a log.
            let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = DELETE")
            guard mode == "delete" else { throw DatabaseError(resultCode: .SQLITE_READONLY, message: "no DELETE mode") }
            try database.inTransaction {
                try RefreshGrantTable.markRestored(database)
                return .commit
            }
        }
        try copy.close()
        try source.close()
    }
}
