import Foundation
import GRDB

/// The database's files and the connections to them.
struct DatabaseFile: Sendable {
    let path: String

    /// The write-ahead log and its index, which belong to the file wherever it goes.
    private static let companions = ["-wal", "-shm"]

    /// What every SQLite file begins with (sqlite.org/fileformat2.html §1.3).
    private static let headerByteCount = 100

    /// Longer than any backup holds the database, shorter than systemd waits for a start.
    private static let busyTimeout: TimeInterval = 5

    init(path: String) { self.path = path }

    var exists: Bool { FileManager.default.fileExists(atPath: path) }

    var hasCompanions: Bool {
        DatabaseFile.companions.contains { FileManager.default.fileExists(atPath: path + $0) }
    }

    var isDirectory: Bool {
        (try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType) == .typeDirectory
    }

    /// Whether SQLite would drop the log that lies beside the file, as it takes an empty file for a new database.
    var hasOrphanedLog: Bool { size(of: path) == 0 && size(of: path + "-wal") > 0 }

    /// Whether so little is left of the file that SQLite would take it for an empty one.
    var isTorn: Bool { (1..<DatabaseFile.headerByteCount).contains(size(of: path)) }

    private func size(of path: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }

    /// Makes the file, readable by the owner alone, and the directory it lies in, when they are not there.
    func create() throws(TokenStoreError) {
        do {
            let url = URL(fileURLWithPath: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            if !exists { try makeEmpty() }
        } catch { throw TokenStoreError(error, path: path) }
    }

    /// Makes the file, readable by the owner alone; throws when it is there.
    func makeEmpty() throws {
        // SQLite would make it readable by all; it gives the log the mode of the file.
        try Data().write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    /// Opens the database for use.
    ///
    /// A queue, not a pool: the tokens are read once, at the start, and every write is one short transaction, so a
    /// second connection would have nothing to do.
    func openQueue() throws -> DatabaseQueue {
        var configuration = safeConfiguration
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA secure_delete = ON")
            // Here rather than by GRDB's setting, which writes to the database at every start.
            let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" else { throw DatabaseError(resultCode: .SQLITE_READONLY, message: "no WAL mode") }
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Opens the database in the mode in which it is, or becomes, a file without a log.
    func openSingleFileQueue() throws -> DatabaseQueue {
        try DatabaseQueue(path: path, configuration: safeConfiguration)
    }

    /// Opens the database so that nothing can change it, not even the checkpoint at the end.
    ///
    /// With `despiteDamage` also a file that is shorter than its header says.
    func openReadOnlyQueue(despiteDamage: Bool = false) throws -> DatabaseQueue {
        var configuration = safeConfiguration
        configuration.readonly = true
        if despiteDamage {
            // The documented way to have SQLite read such a file (sqlite.org/pragma.html#pragma_writable_schema).
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA writable_schema = ON") }
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    private var safeConfiguration: Configuration {
        var configuration = Configuration()
        configuration.label = "TokenStore"
        configuration.busyMode = .timeout(DatabaseFile.busyTimeout)
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { database in
            // A damaged or planted schema calls no functions, and a damaged cell is noticed when its page is read.
            try database.execute(sql: "PRAGMA trusted_schema = OFF")
            try database.execute(sql: "PRAGMA cell_size_check = ON")
        }
        return configuration
    }

    /// Gives the file, and the log beside it, a name that says when, and that is not taken.
    func setAside(at time: Duration) throws(TokenStoreError) -> DatabaseFile {
        let date = Date(timeIntervalSince1970: TimeInterval(time.components.seconds))
        let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted, timeZone: .gmt)
        let name = "\(path).corrupt-\(date.formatted(style))"
        var number = 1
        var aside: DatabaseFile { DatabaseFile(path: number == 1 ? name : "\(name)-\(number)") }
        while aside.exists || aside.hasCompanions { number += 1 }
        try move(to: aside)
        return aside
    }

    /// Renames the file and its companions, as far as they are there.
    func move(to destination: DatabaseFile) throws(TokenStoreError) {
        do {
            for suffix in [""] + DatabaseFile.companions
            where FileManager.default.fileExists(atPath: path + suffix) {
                try FileManager.default.moveItem(atPath: path + suffix, toPath: destination.path + suffix)
            }
        } catch { throw TokenStoreError(error, path: path) }
    }

    /// Deletes the file and its companions.
    func remove() throws(TokenStoreError) {
        do {
            for suffix in [""] + DatabaseFile.companions
            where FileManager.default.fileExists(atPath: path + suffix) {
                try FileManager.default.removeItem(atPath: path + suffix)
            }
        } catch { throw TokenStoreError(error, path: path) }
    }
}
