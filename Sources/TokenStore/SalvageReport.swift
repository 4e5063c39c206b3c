/// What happened to a corrupt database when the store was opened.
package struct SalvageReport: Sendable, Equatable {
    /// Where the damaged file is now, its `-wal` and `-shm` beside it; the operator deletes it, never the daemon.
    package var setAsidePath: String

    /// What was wrong with it, in SQLite's words.
    package var damage: String

    /// How many tokens were copied into the new database.
    package var rescuedTokens: Int

    /// The rows that were still found and could not be copied; others may be lost without a trace.
    package var unreadable: [UnreadableToken]
}
