/// What happened to a corrupt database when the store was opened.
package struct SalvageReport: Sendable, Equatable {
    /// Where the damaged file is now, its `-wal` and `-shm` beside it; the operator deletes it, never the daemon.
    package var setAsidePath: String

    /// What was wrong with it, in SQLite's words.
    package var damage: String

    /// How many tokens were copied into the new database.
    package var rescuedTokens: Int

    /// How many grants were copied into the new database, of any standing.
    package var rescuedGrants: Int

    /// The rows that were still found and could not be copied; others may be lost without a trace.
    package var unreadable: [UnreadableToken]

    /// The same, of grants: what is left of them is in the file that was set aside.
    package var unreadableGrants: [UnreadableGrant]
}
