import GRDB
import Subprocess

@testable import TokenStore

extension BrokerRig {
    /// Runs `body` while another process holds the database, as a backup or a stalled disk does.
    ///
    /// - Parameter isStalled: Whether the store waits until it is given back, however long a busy machine takes for
    ///   `body`, which cannot read the store then; without it the store's own patience ends in an error.
    func withLockedDatabase(isStalled: Bool = false, _ body: () async throws -> Void) async throws {
        if isStalled {
            try await store.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA busy_timeout = 300000") }
        }
        _ = try await Subprocess.run(
            .name("sqlite3"),
            arguments: ["\(files.directory)/state.sqlite"],
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { sqlite in
            _ = try await sqlite.standardInputWriter.write("BEGIN IMMEDIATE; SELECT 'locked';\n")
            for try await _ in sqlite.standardOutput.strings() { break }
            try await body()
            _ = try await sqlite.standardInputWriter.write("COMMIT;\n.quit\n")
        }
    }
}
