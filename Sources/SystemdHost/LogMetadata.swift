import Logging

/// Names of metadata that mean something to the handlers.
package enum LogField {
    /// The journal's MESSAGE_ID: 128 bits in hexadecimal; it names the kind of an event to programs, not to people.
    package static let messageID = "message_id"

    /// The id of the messages that another message tells of.
    static let kindID = "kind_id"

    /// What is for programs alone, and not in a line of text.
    static let hidden: Set = [messageID, kindID]

    /// Where the error of an event goes.
    static let error = "error"
}

extension LogEvent {
    /// The handler's metadata, the provider's over it, the event's over both, and its error.
    func joined(to metadata: Logger.Metadata, provider: Logger.MetadataProvider?) -> Logger.Metadata {
        var joined = metadata
        if let provided = provider?.get() { joined.merge(provided) { $1 } }
        if let own = self.metadata { joined.merge(own) { $1 } }
        if let error, joined[LogField.error] == nil { joined[LogField.error] = "\(error)" }
        return joined
    }
}

extension Logger.Level {
    /// The priority of syslog(3), which has no trace.
    var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
