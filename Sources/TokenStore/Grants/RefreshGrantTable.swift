import Foundation
import GRDB
import OAuth2

/// The statements on `refresh_grant`.
enum RefreshGrantTable {
    /// In the order in which they are written and read; the first eleven are `RefreshGrantRow`'s.
    static let columns =
        [
            "client", "lineage", "sequence", "client_id", "token_endpoint", "first_issued_at", "renewed_at",
            "stated_end",
            "is_rotating", "key_id", "sealed_token",
        ] + standingColumns + intentColumns + ["unconfigured_since", "replaced_by", "subject", "subject_name"]

    private static let standingColumns = [
        "standing", "refused_at", "refusal_error", "refusal_words", "refusal_status", "unanswered_count",
        "unanswered_since", "unanswered_failure",
    ]

    private static let intentColumns = ["intent_sequence", "intent_attempts", "intent_since", "intent_failure"]

    private static let list = columns.joined(separator: ", ")

    private static let noIntent = assignments(intentColumns, "NULL")

    private static func assignments(_ columns: [String], _ value: String = "?") -> String {
        columns.map { "\($0) = \(value)" }.joined(separator: ", ")
    }

    // MARK: Reading

    /// Every row, opened or with the reason why not.
    static func read(_ database: Database, keys: StateKeys) throws -> StoredGrants {
        let cursor = try Row.fetchCursor(database, sql: "SELECT \(list) FROM refresh_grant ORDER BY id")
        var collected = GrantCollection()
        while let row = try cursor.next() { collected.add(row, keys: keys) }
        return collected.stored
    }

    /// The row with this id in the table, in the order of `columns`.
    static func row(_ id: Int64, _ database: Database) throws -> Row? {
        let statement = try database.cachedStatement(sql: "SELECT \(list) FROM refresh_grant WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id])
    }

    /// The row of `id`, in the order of `columns`.
    static func row(_ id: GrantID, _ database: Database) throws -> Row? {
        let statement = try database.cachedStatement(
            sql: "SELECT \(list) FROM refresh_grant WHERE client = ? AND lineage = ?"
        )
        return try Row.fetchOne(statement, arguments: arguments(id))
    }

    /// Whether a grant of the client is held, other than `id`.
    static func isAnotherHeld(than id: GrantID, _ database: Database) throws -> Bool {
        let sql = """
            SELECT 1 FROM refresh_grant AS own JOIN refresh_grant AS other USING (client, client_id, token_endpoint)
            WHERE own.client = ? AND own.lineage = ? AND other.lineage <> own.lineage AND other.standing = 'held'
            """
        return try Row.fetchOne(database, sql: sql, arguments: arguments(id)) != nil
    }

    // MARK: Writing

    /// Writes a whole row in place of what is stored of its lineage.
    static func put(_ row: RefreshGrantRow, _ condition: GrantCondition, _ database: Database) throws {
        let places = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        let updates = columns.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO refresh_grant (\(list)) VALUES (\(places))
                ON CONFLICT (client, lineage) DO UPDATE SET \(updates)
                """
        )
        let sealed: StatementArguments = [
            row.client, Data(text: row.lineage), row.sequence, Data(text: row.clientID),
            Data(text: row.tokenEndpoint), row.firstIssuedAt, row.renewedAt, row.statedEnd, row.isRotating ? 1 : 0,
            row.keyID, row.sealedToken,
        ]
        try statement.execute(
            arguments: sealed + arguments(condition.standing) + arguments(condition.intent) + [
                condition.unconfiguredSince?.nanoseconds, condition.replacedBy.map { Data(text: $0.value) },
                (row.subject?.id).map { Data(text: $0) }, row.subject?.name.map { Data(text: $0) },
            ]
        )
    }

    /// Writes the seal of the row with this id in the table, and nothing else.
    static func putSeal(of row: RefreshGrantRow, at id: Int64, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "UPDATE refresh_grant SET key_id = ?, sealed_token = ? WHERE id = ?"
        )
        try statement.execute(arguments: [row.keyID, row.sealedToken, id])
    }

    /// Stores the intent, or that there is none.
    static func setIntent(_ intent: RefreshIntent?, of id: GrantID, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE refresh_grant SET \(assignments(intentColumns)) WHERE client = ? AND lineage = ?",
            arguments: arguments(intent) + arguments(id)
        )
    }

    /// Stores what the grant is good for; whatever was under way with it is over.
    static func setStanding(_ standing: GrantStanding, of id: GrantID, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE refresh_grant SET \(assignments(standingColumns)), \(noIntent), replaced_by = NULL
                WHERE client = ? AND lineage = ?
                """,
            arguments: arguments(standing) + arguments(id)
        )
    }

    /// The client's held grant, unless it is `id` itself, is kept as the one whose place `id` takes.
    static func replaceHeld(by grant: RefreshGrant, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE refresh_grant SET standing = 'replaced', replaced_by = ?
                WHERE client = ? AND lineage <> ? AND client_id = ? AND token_endpoint = ? AND standing = 'held'
                """,
            arguments: [Data(text: grant.id.lineage.value)] + arguments(grant.id) + place(grant)
        )
    }

    /// What the client holds, or keeps until it has worked, is another's: it is to be revoked, and never held again.
    static func supersedeHeld(before grant: RefreshGrant, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE refresh_grant SET standing = 'superseded', replaced_by = NULL, \(noIntent)
                WHERE client = ? AND lineage <> ? AND client_id = ? AND token_endpoint = ?
                    AND standing IN ('held', 'replaced')
                """,
            arguments: arguments(grant.id) + place(grant)
        )
    }

    /// The same, of what must not be revoked: it may be the same account's.
    static func removeHeld(before grant: RefreshGrant, _ database: Database) throws {
        try database.execute(
            sql: """
                DELETE FROM refresh_grant
                WHERE client = ? AND lineage <> ? AND client_id = ? AND token_endpoint = ?
                    AND standing IN ('held', 'replaced', 'restored')
                """,
            arguments: arguments(grant.id) + place(grant)
        )
    }

    /// Whose the grant is that is held; nil when there is none, or it is not known.
    static func subjectHeld(before grant: RefreshGrant, _ database: Database) throws -> String? {
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT subject FROM refresh_grant
                WHERE client = ? AND lineage <> ? AND client_id = ? AND token_endpoint = ? AND standing = 'held'
                """,
            arguments: arguments(grant.id) + place(grant)
        )
        return row.flatMap { String(blob: $0[0]) }
    }

    /// Who was replaced by `id` counts as replaced by whoever replaced that one.
    static func inheritReplaced(of id: GrantID, by heir: GrantLineage?, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE refresh_grant SET replaced_by = ? WHERE client = ? AND replaced_by = ?",
            arguments: [heir.map { Data(text: $0.value) }] + arguments(id)
        )
    }

    /// The grant whose place `id` took is held again; returns its lineage, nil when there is none.
    static func reinstateReplaced(by id: GrantID, _ database: Database) throws -> GrantLineage? {
        let row = try Row.fetchOne(
            database,
            sql: """
                UPDATE refresh_grant SET standing = 'held', replaced_by = NULL
                WHERE client = ? AND standing = 'replaced' AND replaced_by = ? RETURNING lineage
                """,
            arguments: arguments(id)
        )
        return row.flatMap { String(blob: $0[0]) }.map(GrantLineage.init)
    }

    /// A time that is stored already stays.
    static func setUnconfigured(_ id: GrantID, since: Duration?, _ database: Database) throws {
        let value = since == nil ? "?" : "COALESCE(unconfigured_since, ?)"
        try database.execute(
            sql: "UPDATE refresh_grant SET unconfigured_since = \(value) WHERE client = ? AND lineage = ?",
            arguments: [since?.nanoseconds] + arguments(id)
        )
    }

    // MARK: Removing

    static func remove(_ id: GrantID, _ database: Database) throws {
        try database.execute(
            sql: "DELETE FROM refresh_grant WHERE client = ? AND lineage = ?",
            arguments: arguments(id)
        )
    }

    static func removeAll(
        of client: ClientName,
        clientID: String,
        tokenEndpoint: String,
        _ database: Database
    ) throws {
        try database.execute(
            sql: "DELETE FROM refresh_grant WHERE client = ? AND client_id = ? AND token_endpoint = ?",
            arguments: [client.value, Data(text: clientID), Data(text: tokenEndpoint)]
        )
    }

    static func removeReplaced(by grant: RefreshGrant, _ database: Database) throws {
        try database.execute(
            sql: """
                DELETE FROM refresh_grant
                WHERE client = ? AND client_id = ? AND token_endpoint = ? AND standing = 'replaced'
                """,
            arguments: [grant.id.client.value] + place(grant)
        )
    }

    /// What a client must be configured with to be the grant's: one place for a grant that is held.
    private static func place(_ grant: RefreshGrant) -> StatementArguments {
        [Data(text: grant.clientID), Data(text: grant.tokenEndpoint)]
    }

    /// Returns how many were removed.
    static func removeAll(unconfiguredBefore limit: Duration, _ database: Database) throws -> Int {
        try database.execute(
            sql: "DELETE FROM refresh_grant WHERE unconfigured_since < ?",
            arguments: [limit.nanoseconds]
        )
        return database.changesCount
    }

    /// Turns the copy of a database into a backup: what the original may spend meanwhile is not presented from here.
    static func markRestored(_ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE refresh_grant SET standing = 'restored', \(noIntent) WHERE standing = 'held' AND is_rotating <> 0;
                -- Nor is one presented because the server refused the one that took its place.
                UPDATE refresh_grant SET replaced_by = NULL WHERE is_rotating <> 0;
                """
        )
    }

    // MARK: Arguments

    private static func arguments(_ id: GrantID) -> StatementArguments {
        [id.client.value, Data(text: id.lineage.value)]
    }

    private static func arguments(_ intent: RefreshIntent?) -> StatementArguments {
        [
            intent?.sequence, intent?.attempts, intent?.since.nanoseconds,
            intent?.lastFailure.map { Data(text: $0) },
        ]
    }

    private static func arguments(_ standing: GrantStanding) -> StatementArguments {
        let refusal = standing.refusal
        return [
            standing.name.rawValue, refusal?.at.nanoseconds, (refusal?.error).map { Data(text: $0) },
            refusal?.serverWords.map { Data(text: $0) }, refusal?.serverStatus, refusal?.unanswered?.count,
            refusal?.unanswered?.since.nanoseconds, refusal?.unanswered?.lastFailure.map { Data(text: $0) },
        ]
    }
}
