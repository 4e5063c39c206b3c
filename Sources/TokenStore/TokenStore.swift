import Foundation
import GRDB
package import OAuth2
import Synchronization

/// What survives a restart: the machine's grants and access tokens, sealed, in one SQLite database.
package final class TokenStore: Sendable {
    /// What a thread does for the store.
    package enum Activity: Sendable, Hashable {
        /// The database's own thread reads or writes, and every write after it waits.
        case transaction

        /// A copy is made, which holds up no write, however long it takes.
        case copy
    }

    /// What was found damaged and what of it could be saved, when the store was opened; nil when it was whole.
    package let salvage: SalvageReport?

    let queue: DatabaseQueue
    /// Where the database is.
    package let path: String
    let takeovers: Takeovers

    /// The wall clock, since 1970-01-01 UTC.
    let now: @Sendable () -> Duration

    private let currentKeys: Mutex<StateKeys>
    private let atWork: @Sendable (Activity?) -> Void

    private init(
        queue: DatabaseQueue,
        path: String,
        keys: StateKeys,
        takeovers: Takeovers,
        salvage: SalvageReport?,
        now: @escaping @Sendable () -> Duration,
        atWork: @escaping @Sendable (Activity?) -> Void
    ) {
        self.queue = queue
        self.path = path
        self.takeovers = takeovers
        self.salvage = salvage
        self.now = now
        self.atWork = atWork
        currentKeys = Mutex(keys)
    }

    /// Opens the database at `path`, or makes one there; the caller holds the state directory's lock.
    ///
    /// A database of a newer version, of another program or sealed with other keys is refused and left as it is; a
    /// corrupt one is set aside, and what can still be read is copied into a new one (`salvage`). `now` is the wall
    /// clock, since 1970-01-01 UTC. `atWork` is called by each thread that does a piece of the opened store's work, when
    /// it begins, with what it is, and when it ends, with nil; pieces do not nest.
    package static func open(
        path: String,
        keys: StateKeys,
        now: @escaping @Sendable () -> Duration = { .seconds(Date().timeIntervalSince1970) },
        atWork: @escaping @Sendable (Activity?) -> Void = { _ in }
    ) throws(TokenStoreError) -> TokenStore {
        let file = DatabaseFile(path: path)
        try Salvage.finishInterrupted(file, at: now())
        let verdict = try Inspection.inspect(file, keys: keys)
        let firstTokens = FirstTokenFile(besideDatabase: path)
        // Before anything is changed, as without it a lost database's first tokens would be taken over again.
        let recorded = try firstTokens.read()
        var salvage: SalvageReport?
        if case .damaged(let damage) = verdict {
            salvage = try Salvage.replace(file, damage: damage, keys: keys, at: now())
        }
        try file.create()
        do {
            let queue = try file.openQueue()
            try Schema.migrator.migrate(queue)
            let takeovers = try queue.write { database in
                try Schema.recordSealingKey(keys.sealing, database)
                return try Takeovers.merge(database, firstTokens, read: recorded)
            }
            return TokenStore(
                queue: queue,
                path: path,
                keys: keys,
                takeovers: takeovers,
                salvage: salvage,
                now: now,
                atWork: atWork
            )
        } catch { throw TokenStoreError(error, path: path) }
    }

    /// Reads every token, and opens none yet; for the start, as it blocks the calling thread.
    package func sealedTokens() throws(TokenStoreError) -> SealedTokens {
        try read { database, keys in try AccessTokenTable.read(database, keys: keys) }
    }

    /// Reads and opens every token; blocks the calling thread.
    package func tokens() throws(TokenStoreError) -> StoredTokens { try sealedTokens().opened() }

    /// Stores `token` in place of what its slot holds; durable on return.
    package func save(_ token: StoredToken) async throws(TokenStoreError) {
        try await write { database, keys in
            try AccessTokenTable.save(try AccessTokenRow(token, key: keys.sealing), database)
        }
    }

    /// Notes when callers last wanted the tokens of these slots; nothing for one without a stored token.
    package func recordLastAsked(_ asked: [TokenSlotID: Receipt]) async throws(TokenStoreError) {
        let asked = asked.mapValues { AccessTokenRow.LastAsked($0) }
        try await write { database, _ in
            for (slot, asked) in asked { try AccessTokenTable.recordLastAsked(slot, asked, database) }
        }
    }

    /// Deletes the token of `slot`.
    package func removeToken(_ slot: TokenSlotID) async throws(TokenStoreError) {
        try await write { database, _ in try AccessTokenTable.remove(slot, database) }
    }

    /// Deletes every token of `client`.
    package func removeTokens(of client: ClientName) async throws(TokenStoreError) {
        try await write { database, _ in try AccessTokenTable.removeAll(of: client, database) }
    }

    /// Writes what means nothing; throws what keeps the database from being written.
    package func proveWritable() async throws(TokenStoreError) {
        try await write { database, _ in
            let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            // SQLite writes nothing for what changes nothing.
            try database.execute(sql: "PRAGMA user_version = \((version + 1) & 0xFFFF)")
        }
    }

    /// Closes the database after the writes under way; later calls throw `closed`.
    package func close() throws(TokenStoreError) {
        do { try queue.close() } catch { throw TokenStoreError(error, path: path) }
    }
}

// MARK: Keys and transactions

extension TokenStore {
    /// The keys that seal and open the rows now.
    var keys: StateKeys { currentKeys.withLock { $0 } }

    /// From now on `keys` seal and open; on the database's own thread, where the rows were sealed with them.
    func use(_ keys: StateKeys) { currentKeys.withLock { $0 = keys } }

    /// Tells who watches the store that the calling thread works for it while `body` runs.
    func work<Value, Failure>(
        _ activity: Activity = .transaction,
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        atWork(activity)
        defer { atWork(nil) }
        return try body()
    }

    /// Reads on the calling thread's time.
    func read<Value>(_ body: (Database, StateKeys) throws -> Value) throws(TokenStoreError) -> Value {
        do {
            // One statement needs no transaction, and GRDB's `read` begins one even on a closed connection.
            return try queue.unsafeRead { database in try work { try body(database, keys) } }
        } catch { throw TokenStoreError(error, path: path) }
    }

    /// Runs `updates` as one transaction on the database's own thread, and there, once it is durable, `afterwards`.
    ///
    /// By completion, not by GRDB's async function: that one rolls back when its task is cancelled, and a token that
    /// was received must not be lost because the caller who wanted it went away.
    func write<Value: Sendable>(
        _ updates: @escaping @Sendable (Database, StateKeys) throws -> Value,
        afterwards: @escaping @Sendable (Database, Value) -> Void = { _, _ in }
    ) async throws(TokenStoreError) -> Value {
        let outcome: Result<Value, TokenStoreError> = await withCheckedContinuation { continuation in
            queue.asyncWriteWithoutTransaction { [self] database in
                // From before the transaction begins, which waits for other processes' locks.
                let result = work {
                    let result = transaction(database, updates)
                    if case .success(let value) = result { afterwards(database, value) }
                    return result
                }
                continuation.resume(returning: result)
            }
        }
        return try outcome.get()
    }

    private func transaction<Value>(
        _ database: Database,
        _ updates: (Database, StateKeys) throws -> Value
    ) -> Result<Value, TokenStoreError> {
        do {
            // Not before it is this write's turn: another one may change the keys.
            var value: Value?
            try database.inTransaction {
                value = try updates(database, keys)
                return .commit
            }
            return .success(value!)
        } catch { return .failure(TokenStoreError(error, path: path)) }
    }
}
