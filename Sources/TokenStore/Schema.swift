import Foundation
import GRDB

/// The tables, made and changed by named migrations.
enum Schema {
    /// Every migration, in order; a name once released never changes, nor what it does.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("access tokens") { database in
            try database.execute(
                sql: """
                    -- Which keys have sealed rows here, so that a wrong key is told from a broken seal.
                    CREATE TABLE sealing_key (
                        key_id BLOB NOT NULL PRIMARY KEY
                    ) STRICT;

                    -- Free texts are blobs, as a text ends at its first NUL. Times are nanoseconds.
                    -- `id` lets a damaged table be read around its damage.
                    CREATE TABLE access_token (
                        id                   INTEGER PRIMARY KEY,
                        client               TEXT NOT NULL,
                        target               BLOB NOT NULL,
                        client_id            BLOB NOT NULL,
                        token_endpoint       BLOB NOT NULL,
                        token_type           BLOB NOT NULL,
                        scope                BLOB NOT NULL,
                        received_since_boot  INTEGER NOT NULL,
                        received_since_epoch INTEGER NOT NULL,
                        received_boot        TEXT NOT NULL,
                        lifetime             INTEGER,
                        refresh_age          INTEGER,
                        asked_since_boot     INTEGER,
                        asked_since_epoch    INTEGER,
                        asked_boot           TEXT,
                        key_id               BLOB NOT NULL REFERENCES sealing_key (key_id),
                        sealed_value         BLOB NOT NULL,
                        UNIQUE (client, target)
                    ) STRICT;
                    """
            )
        }
        return migrator
    }

    static func recordSealingKey(_ key: StateKey, _ database: Database) throws {
        try database.execute(sql: "INSERT OR IGNORE INTO sealing_key (key_id) VALUES (?)", arguments: [key.id])
    }

    static func sealingKeys(_ database: Database) throws -> [Data] {
        try Row.fetchAll(database, sql: "SELECT key_id FROM sealing_key").compactMap { Data.fromDatabaseValue($0[0]) }
    }
}
