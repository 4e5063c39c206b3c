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

    /// Every row, sealed as it is, in the order in which they came.
    static func read(_ database: Database, keys: StateKeys) throws -> SealedTokens {
        let statement = try database.makeStatement(sql: "SELECT \(columns) FROM access_token ORDER BY id")
        let cursor = try Row.fetchCursor(statement)
        let row = StandingRow(statement)
        var known = KnownValues()
        var (rows, unreadable) = ([AccessTokenRow](), [UnreadableToken]())
        while try cursor.next() != nil {
            do throws(UnreadableToken) {
                rows.append(try AccessTokenRow.read(row, knowing: &known))
            } catch {
                unreadable.append(error)
            }
        }
        return SealedTokens(rows, unreadable: unreadable, keys: keys, knowing: known)
    }

    /// Lends the row with this id, in the order of `columns`; nil when there is none.
    static func row<Value>(_ id: Int64, _ database: Database, _ read: (StandingRow) -> Value) throws -> Value? {
        let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM access_token WHERE id = ?")
        let cursor = try Row.fetchCursor(statement, arguments: [id])
        return try cursor.next().map { _ in read(StandingRow(statement)) }
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
    /// Whether no two rows have the same client and target, as in a table that is whole.
    private let rowsAreUnique: Bool

    private(set) var stored = StoredTokens(tokens: [], unreadable: [])

    /// Where each slot's token is; nil while no row can be of the same slot as another.
    private var positions: [TokenSlotID: Int]?

    init(rowsAreUnique: Bool) { self.rowsAreUnique = rowsAreUnique }

    mutating func add(_ row: StandingRow, keys: StateKeys, knowing known: inout KnownValues) {
        do throws(UnreadableToken) {
            add(try AccessTokenRow.read(row, knowing: &known), keys: keys, knowing: &known)
        } catch {
            stored.unreadable.append(error)
        }
    }

    mutating func add(_ row: AccessTokenRow, keys: StateKeys, knowing known: inout KnownValues) {
        do throws(UnreadableToken) {
            let token = try row.opened(with: keys, knowing: &known)
            // Slots whose texts differ only in how Unicode writes them are equal, and their rows' keys are not.
            if positions == nil, !rowsAreUnique || !row.target.isASCII {
                // Damage that is not found may have left two.
                positions = Dictionary(stored.tokens.enumerated().map { ($0.element.slot, $0.offset) }) { first, _ in
                    first
                }
            }
            if let position = positions?[token.slot] {
                if stored.tokens[position].token.receipt.moment.sinceEpoch < token.token.receipt.moment.sinceEpoch {
                    stored.tokens[position] = token
                }
            } else {
                positions?[token.slot] = stored.tokens.count
                stored.tokens.append(token)
            }
        } catch {
            stored.unreadable.append(error)
        }
    }
}

extension AccessTokenRow {
    /// Reads a row in the order of `AccessTokenTable.columns`; nil when a column holds another type than it should, which
    /// a damaged page can.
    init?(_ row: StandingRow, knowing known: inout KnownValues) {
        guard let client = Self.client(row), let target = known.blob(1, of: row),
            let clientID = known.blobText(2, of: row), let tokenEndpoint = known.blobText(3, of: row),
            let tokenType = known.blobText(4, of: row), let scope = known.blob(5, of: row),
            let receivedSinceBoot = row.number(6), let receivedSinceEpoch = row.number(7),
            let receivedBoot = known.text(8, of: row),
            let keyID = known.blob(11, of: row),
            let sealedValue = row.withBlob(12, { unsafe $0.withUnsafeBufferPointer { unsafe Data($0) } })
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
        lifetime = row.number(9)
        refreshAge = row.number(10)
        self.keyID = keyID
        self.sealedValue = sealedValue
        if let sinceBoot = row.number(13), let sinceEpoch = row.number(14), let boot = known.text(15, of: row) {
            lastAsked = LastAsked(sinceBoot: sinceBoot, sinceEpoch: sinceEpoch, boot: boot)
        }
    }

    /// Reads a row; throws what is wrong with it.
    static func read(_ row: StandingRow, knowing known: inout KnownValues) throws(UnreadableToken) -> AccessTokenRow {
        guard let read = AccessTokenRow(row, knowing: &known) else {
            throw UnreadableToken(client: client(row), reason: .malformed)
        }
        return read
    }

    /// The client that a row names, as far as it names one.
    static func client(_ row: StandingRow) -> String? {
        row.withText(0) { unsafe $0.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) } }
    }
}

extension Data {
    var isASCII: Bool { unsafe withUnsafeBytes { unsafe $0.allSatisfy { $0 < 0x80 } } }
}
