import Subprocess

extension BrokerRig {
    /// Runs `body` while another process holds the database, as a backup or a stalled disk does.
    func withLockedDatabase(_ body: () async throws -> Void) async throws {
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
