import Foundation
import GRDB

/// Seals a database anew.
enum Rekeying {
    /// Returns how many rows were sealed with `key`, which is the only one afterwards.
    static func sealAll(
        _ database: Database,
        with key: StateKey,
        opening keys: StateKeys,
        path: String
    ) throws -> Int {
        try Schema.recordSealingKey(key, database)
        var (count, unreadable) = (0, [String?]())
        var known = KnownValues()
        for id in try ids("access_token", database) {
            let read = try AccessTokenTable.row(id, database) { row in
                (client: AccessTokenRow.client(row), row: AccessTokenRow(row, knowing: &known))
            }
            guard let read else { continue }
            guard let sealed = try read.row?.resealed(with: key, opening: keys, knowing: &known) else {
                unreadable.append(read.client)
                continue
            }
            try AccessTokenTable.putSeal(of: sealed, at: id, database)
            count += 1
        }
        for id in try ids("refresh_grant", database) {
            guard let row = try RefreshGrantTable.row(id, database) else { continue }
            guard let sealed = try RefreshGrantRow(row)?.resealed(with: key, opening: keys) else {
                unreadable.append(String.fromDatabaseValue(row[0]))
                continue
            }
            try RefreshGrantTable.putSeal(of: sealed, at: id, database)
            count += 1
        }
        guard unreadable.isEmpty else { throw TokenStoreError(unreadableRowsOf: unreadable, path: path) }
        try Schema.forgetSealingKeys(except: key, database)
        return count
    }

    private static func ids(_ table: String, _ database: Database) throws -> [Int64] {
        try Row.fetchAll(database, sql: "SELECT id FROM \(table)").compactMap { Int64.fromDatabaseValue($0[0]) }
    }
}
