internal import Logging
internal import SystemdHost

extension LogMessage {
    /// All that is fixed of a kind.
    struct Form: Sendable {
        /// 128 bits in lower-case hexadecimal digits.
        let id: String
        let level: Logger.Level
        let text: String

        /// The names of the metadata that each such message has, with spaces between them.
        let fields: String

        static func info(_ id: String, _ text: String, _ fields: String = "") -> Form {
            Form(id: id, level: .info, text: text, fields: fields)
        }

        static func notice(_ id: String, _ text: String, _ fields: String = "") -> Form {
            Form(id: id, level: .notice, text: text, fields: fields)
        }

        static func warning(_ id: String, _ text: String, _ fields: String = "") -> Form {
            Form(id: id, level: .warning, text: text, fields: fields)
        }

        static func error(_ id: String, _ text: String, _ fields: String = "") -> Form {
            Form(id: id, level: .error, text: text, fields: fields)
        }

        static func critical(_ id: String, _ text: String, _ fields: String = "") -> Form {
            Form(id: id, level: .critical, text: text, fields: fields)
        }
    }

    /// The metadata that each such message has.
    var fields: [String] { form.fields.split(separator: " ").map(String.init) }
}

extension Logger {
    /// Writes a message of this kind, with its id.
    ///
    /// - Parameter level: nil for the kind's own.
    func write(_ message: LogMessage, _ metadata: Metadata = [:], level: Level? = nil) {
        assert(message.fields.allSatisfy { metadata[$0] != nil }, "\(message) lacks one of \(message.form.fields)")
        let form = message.form
        log(
            level: level ?? form.level,
            "\(form.text)",
            metadata: metadata.merging([LogField.messageID: "\(form.id)"]) { $1 }
        )
    }
}
