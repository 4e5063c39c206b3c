import GRDB
import GRDBSQLite

/// The row at which a statement stands, read where SQLite has it; good until the statement's next step.
///
/// GRDB copies a value before it looks what it is, which is most of the time that thousands of rows take.
@safe
struct StandingRow {
    private let statement: SQLiteStatement

    init(_ statement: Statement) { unsafe self.statement = statement.sqliteStatement }

    /// The whole number in `column`; nil when something else is there, as on a damaged page.
    func number(_ column: Int) -> Int64? {
        guard hasType(SQLITE_INTEGER, column) else { return nil }
        return unsafe sqlite3_column_int64(statement, Int32(column))
    }

    /// Lends the blob in `column`; nil when something else is there.
    func withBlob<Value>(_ column: Int, _ body: (Span<UInt8>) -> Value) -> Value? {
        guard hasType(SQLITE_BLOB, column) else { return nil }
        return unsafe withBytes(sqlite3_column_blob(statement, Int32(column)), column, body)
    }

    /// Lends the text in `column`; nil when something else is there.
    func withText<Value>(_ column: Int, _ body: (Span<UInt8>) -> Value) -> Value? {
        guard hasType(SQLITE_TEXT, column) else { return nil }
        return unsafe withBytes(UnsafeRawPointer(sqlite3_column_text(statement, Int32(column))), column, body)
    }

    private func hasType(_ type: Int32, _ column: Int) -> Bool {
        unsafe sqlite3_column_type(statement, Int32(column)) == type
    }

    /// SQLite has no address for nothing.
    private func withBytes<Value>(
        _ start: UnsafeRawPointer?,
        _ column: Int,
        _ body: (Span<UInt8>) -> Value
    ) -> Value {
        let count = unsafe Int(sqlite3_column_bytes(statement, Int32(column)))
        let bytes = unsafe UnsafeBufferPointer(
            start: start?.assumingMemoryBound(to: UInt8.self),
            count: start == nil ? 0 : count
        )
        return unsafe body(bytes.span)
    }
}
