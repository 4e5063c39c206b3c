import Logging

/// What the log says of itself.
package enum LogNote: String, Sendable, CaseIterable {
    case eventsDropped
    case messagesTooMany

    /// The journal's MESSAGE_ID.
    package var id: String {
        switch self {
        case .eventsDropped: "f7717a088aa343d8bc3cfaf86fa0e7f5"
        case .messagesTooMany: "1fc806e4157647c9aabc43c3b1e203d6"
        }
    }

    /// What people read.
    package var text: String {
        switch self {
        case .eventsDropped: "Log events were dropped, for nobody read the log"
        case .messagesTooMany: "Messages of a kind were too many to be written one by one"
        }
    }

    /// The names of the metadata that each such note has.
    package var fields: [String] {
        switch self {
        case .eventsDropped: ["count"]
        case .messagesTooMany: ["count", "kind"]
        }
    }

    /// The note in place of `event`.
    func event(after event: LogEvent, count: Int) -> LogEvent {
        var note = event
        note.level = .warning
        note.message = "\(text)"
        note.metadata = [LogField.messageID: "\(id)", "count": "\(count)"]
        if self == .messagesTooMany {
            note.metadata?["kind"] = "\(event.message)"
            note.metadata?[LogField.kindID] = event.metadata?[LogField.messageID]
        }
        return note
    }
}
