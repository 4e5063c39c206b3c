import GRDB
import OAuth2

/// The statements on `first_token`.
enum FirstTokenTable {
    /// Nothing for a first token that is recorded already.
    static func add(_ takeover: Takeover, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR IGNORE INTO first_token (client, fingerprint, taken_at) VALUES (?, ?, ?)",
            arguments: [
                takeover.firstToken.client.value, takeover.firstToken.value, takeover.at.nanoseconds,
            ]
        )
    }

    /// Whether any client took it over.
    static func contains(_ firstToken: FirstTokenFingerprint, _ database: Database) throws -> Bool {
        let sql = "SELECT 1 FROM first_token WHERE fingerprint = ?"
        return try Row.fetchOne(database, sql: sql, arguments: [firstToken.value]) != nil
    }

    /// Every record that can be read.
    static func read(_ database: Database) throws -> [Takeover] {
        try Row.fetchAll(database, sql: "SELECT client, fingerprint, taken_at FROM first_token ORDER BY id")
            .compactMap { Takeover($0) }
    }

    /// The row with this id, with nothing in it when it cannot be read; nil when there is none.
    static func row(_ id: Int64, _ database: Database) throws -> Takeover?? {
        let sql = "SELECT client, fingerprint, taken_at FROM first_token WHERE id = ?"
        let statement = try database.cachedStatement(sql: sql)
        return try Row.fetchOne(statement, arguments: [id]).map { Takeover($0) }
    }
}

extension Takeover {
    fileprivate init?(_ row: Row) {
        guard let client = String.fromDatabaseValue(row[0]).flatMap(ClientName.init),
            let value = String.fromDatabaseValue(row[1]),
            let firstToken = FirstTokenFingerprint(client: client, value: value),
            let at = Int64.fromDatabaseValue(row[2])
        else { return nil }
        self.init(firstToken: firstToken, at: .nanoseconds(at))
    }
}
