import GRDB
package import OAuth2

/// What survives a restart: the machine's access tokens, sealed, in one SQLite database.
package final class TokenStore: Sendable {
    /// What was found damaged and what of it could be saved, when the store was opened; nil when it was whole.
    package let salvage: SalvageReport?

    let queue: DatabaseQueue
    private let path: String
    private let keys: StateKeys

    private init(queue: DatabaseQueue, path: String, keys: StateKeys, salvage: SalvageReport?) {
        self.queue = queue
        self.path = path
        self.keys = keys
        self.salvage = salvage
    }

    /// Opens the database at `path`, or makes one there; the caller holds the state directory's lock.
    ///
    /// A database of a newer version, of another program or sealed with other keys is refused and left as it is; a
    /// corrupt one is set aside, and what can still be read is copied into a new one (`salvage`).
    package static func open(path: String, keys: StateKeys) throws(TokenStoreError) -> TokenStore {
        let file = DatabaseFile(path: path)
        try Salvage.finishInterrupted(file)
        var salvage: SalvageReport?
        if case .damaged(let damage) = try Inspection.inspect(file, keys: keys) {
            salvage = try Salvage.replace(file, damage: damage, keys: keys)
        }
        try file.create()
        do {
            let queue = try file.openQueue()
            try Schema.migrator.migrate(queue)
            try queue.write { database in try Schema.recordSealingKey(keys.sealing, database) }
            return TokenStore(queue: queue, path: path, keys: keys, salvage: salvage)
        } catch { throw TokenStoreError(error, path: path) }
    }

    /// Reads and opens every token; for the start, as it blocks the calling thread.
    package func tokens() throws(TokenStoreError) -> StoredTokens {
        do {
            // One statement needs no transaction, and GRDB's `read` begins one even on a closed connection.
            return try queue.unsafeRead { database in try AccessTokenTable.read(database, keys: keys) }
        } catch { throw TokenStoreError(error, path: path) }
    }

    /// Stores `token` in place of what its slot holds; durable on return.
    package func save(_ token: StoredToken) async throws(TokenStoreError) {
        try await write { [key = keys.sealing] database in
            try AccessTokenTable.save(try AccessTokenRow(token, key: key), database)
        }
    }

    /// Notes when callers last wanted the tokens of these slots; nothing for one without a stored token.
    package func recordLastAsked(_ asked: [TokenSlotID: Receipt]) async throws(TokenStoreError) {
        let asked = asked.mapValues { AccessTokenRow.LastAsked($0) }
        try await write { database in
            for (slot, asked) in asked { try AccessTokenTable.recordLastAsked(slot, asked, database) }
        }
    }

    /// Deletes the token of `slot`.
    package func removeToken(_ slot: TokenSlotID) async throws(TokenStoreError) {
        try await write { database in try AccessTokenTable.remove(slot, database) }
    }

    /// Deletes every token of `client`.
    package func removeTokens(of client: ClientName) async throws(TokenStoreError) {
        try await write { database in try AccessTokenTable.removeAll(of: client, database) }
    }

    /// Closes the database after the writes under way; later calls throw `closed`.
    package func close() throws(TokenStoreError) {
        do { try queue.close() } catch { throw TokenStoreError(error, path: path) }
    }

    /// Runs `updates` as one transaction on the database's own thread.
    ///
    /// By completion, not by GRDB's async function: that one rolls back when its task is cancelled, and a token that
    /// was received must not be lost because the caller who wanted it went away.
    private func write(_ updates: @escaping @Sendable (Database) throws -> Void) async throws(TokenStoreError) {
        let outcome: Result<Void, TokenStoreError> = await withCheckedContinuation { continuation in
            queue.asyncWrite(updates) { [path] _, result in
                continuation.resume(returning: result.mapError { TokenStoreError($0, path: path) })
            }
        }
        try outcome.get()
    }
}
