internal import LocalAPI
internal import Logging

/// The events in the log: each once when it begins, and how often it came when its time is over.
struct AuditLog: Sendable {
    let logger: Logger

    func began(_ event: RecordedEvent.Snapshot) {
        logger.log(level: level(event.subject), message(event.subject), metadata: metadata(event))
    }

    func ended(_ event: RecordedEvent.Snapshot) {
        var metadata = metadata(event)
        metadata["count"] = "\(event.count)"
        logger.log(level: min(level(event.subject), .info), "It came again", metadata: metadata)
    }

    /// A user's events were too many for the log, or everybody's refusals.
    func fellSilent(_ source: LogAllowance.Source, count: UInt64) {
        switch source {
        case .user(let uid):
            logger.warning(
                "Events of a user were too many to be logged one by one",
                metadata: ["caller_uid": "\(uid)", "count": "\(count)"]
            )
        case .refusals:
            logger.warning("Refusals were too many to be logged one by one", metadata: ["count": "\(count)"])
        }
    }

    private func level(_ subject: AuditSubject) -> Logger.Level {
        switch subject.action {
        case .command(let name): subject.isAllowed ? AuditedCommand.level(of: name) : .notice
        case .fetch, .watch, .reject, .write: subject.isAllowed ? .info : .notice
        }
    }

    private func message(_ subject: AuditSubject) -> Logger.Message {
        switch (subject.action, subject.isAllowed) {
        case (.fetch, true): subject.outcome == "served" ? "A caller got a token" : "A caller got no token"
        case (.fetch, false): "A caller was refused a token"
        case (.watch, true): "A caller watches a client"
        case (.watch, false): "A caller was refused to watch a client"
        case (.reject, true): "A caller reports its token as refused"
        case (.reject, false): "A caller was refused to report a token"
        case (.write, _): "A process wrote to a connection that it did not open"
        case (.command, true): "An operator gave a command"
        case (.command, false): "Somebody who is no operator asked on the admin socket"
        }
    }

    private func metadata(_ event: RecordedEvent.Snapshot) -> Logger.Metadata {
        let document = event.document
        let values: [(String, String?)] = [
            ("client", document.client), ("command", document.command), ("writer", document.writer),
            ("scope", document.scope),
            ("audience", document.audience), ("resource", document.resource?.joined(separator: " ")),
            ("caller_uid", String(document.caller.uid)), ("caller_pid", String(document.caller.pid)),
            ("caller_unit", document.caller.unit), ("caller_user_unit", document.caller.userUnit),
            ("unit_obstacle", document.caller.unitObstacle),
            ("reason", document.reason), ("rule", document.rule.map { String($0) }), ("outcome", document.outcome),
            ("token", document.token),
        ]
        return Dictionary(
            uniqueKeysWithValues: values.compactMap { key, value in
                value.flatMap { $0.isEmpty ? nil : (key, "\($0)") }
            }
        )
    }
}
