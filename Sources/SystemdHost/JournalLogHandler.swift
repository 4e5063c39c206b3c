import CSystemd
package import Logging

/// Sends each event to the journal with its metadata as fields (`TOKENBROKER_CLIENT=`).
package struct JournalLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level = .info
    private let identifier: String
    private let fallback = StandardErrorLogHandler(style: .prioritized)

    /// `identifier` is the program's name in the journal.
    package init(identifier: String) {
        self.identifier = identifier
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var event = event
        event.metadata = event.joined(to: metadata, provider: metadataProvider)
        let entry = JournalEntry(event, identifier: identifier)
        // Standard error is the journal's other way in, for the moments when its socket is not there.
        if !entry.send() { fallback.log(event: event) }
    }
}

/// The fields of one entry, each `NAME=value`.
struct JournalEntry: Equatable {
    let fields: [String]

    /// What journald takes for a field's name.
    private static let longestName = 64

    private static let prefix = "TOKENBROKER_"

    /// The message holds the metadata too, as `journalctl` shows nothing else.
    init(_ event: LogEvent, identifier: String) {
        let metadata = event.metadata ?? [:]
        var fields = [
            "MESSAGE=\(LogText.line(message: event.message.description, metadata: metadata))",
            "PRIORITY=\(event.level.priority)",
            "SYSLOG_IDENTIFIER=\(identifier)",
        ]
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            let text = LogText.text(of: value)
            fields.append("\(JournalEntry.name(of: key))=\(text)")
        }
        self.fields = fields
    }

    /// Upper case letters, digits and underscores, which is what journald takes.
    private static func name(of key: String) -> String {
        guard key != LogField.messageID else { return "MESSAGE_ID" }
        let name = key.unicodeScalars.map { scalar in
            scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) ? Character(scalar) : "_"
        }
        return String((prefix + String(name).uppercased()).prefix(longestName))
    }

    /// Hands the entry to the journal; false when it did not take it.
    func send() -> Bool {
        // One buffer for all fields, as each must stay in place until the call returns.
        var bytes = fields.flatMap { Array($0.utf8) }
        return unsafe bytes.withUnsafeMutableBytes { buffer in
            var offset = 0
            var vectors: [iovec] = unsafe []
            for field in fields {
                let count = field.utf8.count
                unsafe vectors.append(iovec(iov_base: buffer.baseAddress.map { unsafe $0 + offset }, iov_len: count))
                offset += count
            }
            return unsafe sd_journal_sendv(vectors, Int32(vectors.count)) == 0
        }
    }
}
