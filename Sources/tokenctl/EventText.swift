import Diagnosis
import LocalAPI

/// An event for people, on one line: when, who, what, and how it ended.
enum EventText {
    static func line(_ event: AuditEvent) -> String {
        let repeats = event.count > 1 ? "  (\(event.count)x, last \(time(event.lastAt)))" : ""
        return "\(event.sequence)  \(time(event.at))  \(who(event.caller))  \(what(event))\(repeats)"
    }

    private static func time(_ seconds: Int) -> String { UTCText.text(.seconds(seconds)) }

    private static func who(_ caller: AuditEvent.Caller) -> String {
        let unit = caller.unit ?? caller.userUnit
        return "uid \(caller.uid) pid \(caller.pid)\(unit.map { " \(printable($0))" } ?? "")"
    }

    private static func what(_ event: AuditEvent) -> String {
        var words = [event.command ?? event.event]
        if let writer = event.writer { words.append("by \(writer)") }
        if let client = event.client { words.append(printable(client)) }
        if let scope = event.scope, !scope.isEmpty { words.append("scope \"\(printable(scope))\"") }
        if let audience = event.audience { words.append("audience \"\(printable(audience))\"") }
        for resource in event.resource ?? [] { words.append("resource \"\(printable(resource))\"") }
        let reason = event.rule.map { "rule \($0)" } ?? event.reason
        words.append("\(event.allowed ? "allowed" : "refused") (\(reason))")
        if let outcome = event.outcome { words.append(outcome) }
        if let cause = event.cause {
            words.append("(\(([cause] + (event.likelyCause.map { [$0] } ?? [])).joined(separator: ", likely ")))")
        }
        if let token = event.token { words.append("token \(token)") }
        return words.joined(separator: " ")
    }

    /// A caller's words must not paint on an operator's terminal; a user names the cgroups of its own manager as it likes.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                        "?"
                    default: scalar
                    }
                }
            )
        )
    }
}
