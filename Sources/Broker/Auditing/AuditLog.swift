internal import LocalAPI
internal import Logging

/// The events in the log: each once when it begins, and how often it came when its time is over.
struct AuditLog: Sendable {
    let logger: Logger

    func began(_ event: RecordedEvent.Snapshot) {
        logger.write(message(event.subject), metadata(event), level: level(event.subject))
    }

    func ended(_ event: RecordedEvent.Snapshot) {
        var metadata = metadata(event)
        metadata["count"] = "\(event.count)"
        metadata["event"] = "\(event.subject.event)"
        logger.write(.cameAgain, metadata, level: min(level(event.subject), .info))
    }

    /// A user's events were too many for the log, or everybody's refusals.
    func fellSilent(_ source: LogAllowance.Source, count: UInt64) {
        switch source {
        case .user(let uid):
            logger.write(.userEventsTooMany, ["caller_uid": "\(uid)", "count": "\(count)"])
        case .refusals:
            logger.write(.refusalsTooMany, ["count": "\(count)"])
        }
    }

    /// What monitoring asks all day is not worth a line; all else is worth what its kind is.
    private func level(_ subject: AuditSubject) -> Logger.Level {
        if case .command(let name) = subject.action, subject.isAllowed { return AuditedCommand.level(of: name) }
        return message(subject).form.level
    }

    private func message(_ subject: AuditSubject) -> LogMessage {
        switch (subject.action, subject.isAllowed) {
        case (.fetch, true): subject.outcome == "served" ? .tokenServed : .tokenNotServed
        case (.fetch, false): .tokenDenied
        case (.watch, true): .watchBegan
        case (.watch, false): .watchDenied
        case (.reject, true): .tokenReported
        case (.reject, false): .reportDenied
        case (.write, _): .foreignWriter
        case (.command, true): .operatorCommand
        case (.command, false): .notOperator
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
