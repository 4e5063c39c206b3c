import Foundation
import GRDB
import OAuth2

/// The statements on `access_token`.
enum AccessTokenTable {
    /// In the order in which `AccessTokenRow` is written and read.
    private static let columns = """
        client, target, client_id, token_endpoint, token_type, scope, received_since_boot, received_since_epoch, \
        received_boot, lifetime, refresh_age, key_id, sealed_value, asked_since_boot, asked_since_epoch, asked_boot
        """

    /// Writes `row` in place of what its slot holds; without a last asking, the stored one stays.
    static func save(_ row: AccessTokenRow, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO access_token (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (client, target) DO UPDATE SET
                client_id = excluded.client_id, token_endpoint = excluded.token_endpoint,
                token_type = excluded.token_type, scope = excluded.scope,
                received_since_boot = excluded.received_since_boot,
                received_since_epoch = excluded.received_since_epoch, received_boot = excluded.received_boot,
                lifetime = excluded.lifetime, refresh_age = excluded.refresh_age,
                key_id = excluded.key_id, sealed_value = excluded.sealed_value,
                asked_since_boot = COALESCE(excluded.asked_since_boot, asked_since_boot),
                asked_since_epoch = COALESCE(excluded.asked_since_epoch, asked_since_epoch),
                asked_boot = COALESCE(excluded.asked_boot, asked_boot)
                """
        )
        try statement.execute(arguments: [
            row.client, row.target, Data(text: row.clientID), Data(text: row.tokenEndpoint), Data(text: row.tokenType),
            row.scope,
            row.receivedSinceBoot, row.receivedSinceEpoch, row.receivedBoot, row.lifetime, row.refreshAge,
            row.keyID, row.sealedValue, row.lastAsked?.sinceBoot, row.lastAsked?.sinceEpoch, row.lastAsked?.boot,
        ])
    }

    static func recordLastAsked(_ slot: TokenSlotID, _ asked: AccessTokenRow.LastAsked, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE access_token SET asked_since_boot = ?, asked_since_epoch = ?, asked_boot = ?
                WHERE client = ? AND target = ?
                """
        )
        try statement.execute(arguments: [
            asked.sinceBoot, asked.sinceEpoch, asked.boot, slot.client.value, slot.target.canonicalBytes,
        ])
    }

    static func remove(_ slot: TokenSlotID, _ database: Database) throws {
        try database.execute(
            sql: "DELETE FROM access_token WHERE client = ? AND target = ?",
            arguments: [slot.client.value, slot.target.canonicalBytes]
        )
    }

    static func removeAll(of client: ClientName, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM access_token WHERE client = ?", arguments: [client.value])
    }

    /// Every row, opened or with the reason why not.
    static func read(_ database: Database, keys: StateKeys) throws -> StoredTokens {
        let cursor = try Row.fetchCursor(database, sql: "SELECT \(columns) FROM access_token ORDER BY id")
        var collected = TokenCollection()
        while let row = try cursor.next() { collected.add(row, keys: keys) }
        return collected.stored
    }

    /// The row with this id, in the order of `columns`.
    static func row(_ id: Int64, _ database: Database) throws -> Row? {
        let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM access_token WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id])
    }

    /// Writes the seal of the row with this id, and nothing else.
    static func putSeal(of row: AccessTokenRow, at id: Int64, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "UPDATE access_token SET key_id = ?, sealed_value = ? WHERE id = ?"
        )
        try statement.execute(arguments: [row.keyID, row.sealedValue, id])
    }
}

/// Gathers what rows hold, one token a slot.
struct TokenCollection {
    private(set) var stored = StoredTokens(tokens: [], unreadable: [])
    private var positions: [TokenSlotID: Int] = [:]
    private var known = KnownTargets()

    mutating func add(_ row: Row, keys: StateKeys) {
        do throws(UnreadableToken) {
            guard let columns = AccessTokenRow(row) else {
                throw UnreadableToken(client: String.fromDatabaseValue(row[0]), reason: .malformed)
            }
            let token = try columns.opened(with: keys, knowing: &known)
            // Slots whose texts differ only in how Unicode writes them are equal, and their rows' keys are not.
            if let position = positions[token.slot] {
                if stored.tokens[position].token.receipt.moment.sinceEpoch < token.token.receipt.moment.sinceEpoch {
                    stored.tokens[position] = token
                }
            } else {
                positions[token.slot] = stored.tokens.count
                stored.tokens.append(token)
            }
        } catch {
            stored.unreadable.append(error)
        }
    }
}

extension AccessTokenRow {
    /// Reads a row in the order of `AccessTokenTable.columns`; nil when a column holds another type than it should.
    ///
    /// GRDB's plain subscripts end the process on such a column, which a damaged page can hold.
    init?(_ row: Row) {
        guard let client = String.fromDatabaseValue(row[0]), let target = Data.fromDatabaseValue(row[1]),
            let clientID = String(blob: row[2]), let tokenEndpoint = String(blob: row[3]),
            let tokenType = String(blob: row[4]), let scope = Data.fromDatabaseValue(row[5]),
            let receivedSinceBoot = Int64.fromDatabaseValue(row[6]),
            let receivedSinceEpoch = Int64.fromDatabaseValue(row[7]),
            let receivedBoot = String.fromDatabaseValue(row[8]),
            let keyID = Data.fromDatabaseValue(row[11]), let sealedValue = Data.fromDatabaseValue(row[12])
        else { return nil }
        self.client = client
        self.target = target
        self.clientID = clientID
        self.tokenEndpoint = tokenEndpoint
        self.tokenType = tokenType
        self.scope = scope
        self.receivedSinceBoot = receivedSinceBoot
        self.receivedSinceEpoch = receivedSinceEpoch
        self.receivedBoot = receivedBoot
        lifetime = Int64.fromDatabaseValue(row[9])
        refreshAge = Int64.fromDatabaseValue(row[10])
        self.keyID = keyID
        self.sealedValue = sealedValue
        if let sinceBoot = Int64.fromDatabaseValue(row[13]), let sinceEpoch = Int64.fromDatabaseValue(row[14]),
            let boot = String.fromDatabaseValue(row[15])
        {
            lastAsked = LastAsked(sinceBoot: sinceBoot, sinceEpoch: sinceEpoch, boot: boot)
        }
    }
}
