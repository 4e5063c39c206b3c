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
        migrator.registerMigration("refresh grants") { database in
            try database.execute(
                sql: """
                    -- A row for each login or takeover, with the latest refresh token that descends from it.
                    -- From `standing` on nothing is sealed, as it changes without a new token.
                    CREATE TABLE refresh_grant (
                        id                 INTEGER PRIMARY KEY,
                        client             TEXT NOT NULL,
                        lineage            BLOB NOT NULL,
                        sequence           INTEGER NOT NULL,
                        client_id          BLOB NOT NULL,
                        token_endpoint     BLOB NOT NULL,
                        first_issued_at    INTEGER NOT NULL,
                        renewed_at         INTEGER NOT NULL,
                        stated_end         INTEGER,
                        is_rotating        INTEGER NOT NULL,
                        key_id             BLOB NOT NULL REFERENCES sealing_key (key_id),
                        sealed_token       BLOB NOT NULL,
                        standing           TEXT NOT NULL,
                        refused_at         INTEGER,
                        refusal_error      BLOB,
                        refusal_words      BLOB,
                        refusal_status     INTEGER,
                        unanswered_count   INTEGER,
                        unanswered_since   INTEGER,
                        unanswered_failure BLOB,
                        intent_sequence    INTEGER,
                        intent_attempts    INTEGER,
                        intent_since       INTEGER,
                        intent_failure     BLOB,
                        unconfigured_since INTEGER,
                        replaced_by        BLOB,
                        UNIQUE (client, lineage)
                    ) STRICT;

                    -- A client that is configured anew and back again finds its grant.
                    CREATE UNIQUE INDEX held_grant ON refresh_grant (client, client_id, token_endpoint)
                        WHERE standing = 'held';

                    -- First refresh tokens that were taken over, and so may be spent.
                    CREATE TABLE first_token (
                        id          INTEGER PRIMARY KEY,
                        client      TEXT NOT NULL,
                        fingerprint TEXT NOT NULL,
                        taken_at    INTEGER NOT NULL,
                        UNIQUE (client, fingerprint)
                    ) STRICT;
                    """
            )
        }
        migrator.registerMigration("login subjects") { database in
            try database.execute(
                sql: """
                    -- Who gave the grant; not sealed, as it opens nothing.
                    ALTER TABLE refresh_grant ADD COLUMN subject BLOB;
                    ALTER TABLE refresh_grant ADD COLUMN subject_name BLOB;
                    """
            )
        }
        return migrator
    }

    static func recordSealingKey(_ key: StateKey, _ database: Database) throws {
        try database.execute(sql: "INSERT OR IGNORE INTO sealing_key (key_id) VALUES (?)", arguments: [key.id])
    }

    static func forgetSealingKeys(except key: StateKey, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM sealing_key WHERE key_id <> ?", arguments: [key.id])
    }

    static func sealingKeys(_ database: Database) throws -> [Data] {
        try Row.fetchAll(database, sql: "SELECT key_id FROM sealing_key").compactMap { Data.fromDatabaseValue($0[0]) }
    }
}
