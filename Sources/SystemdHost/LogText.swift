import Logging

/// The text of a log event on one line: `message key=value key="two words"`.
///
/// Values come from servers and callers; whatever they contain, they cannot end the line, begin another or steer the
/// terminal that shows it.
enum LogText {
    static func line(message: String, metadata: Logger.Metadata) -> String {
        var line = escaped(message)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where !LogField.hidden.contains(key) {
            line += " \(plainKey(key))=\(quotedIfNeeded(text(of: value)))"
        }
        return line
    }

    /// A value as plain text, dictionaries in the order of their keys.
    static func text(of value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): text
        case .stringConvertible(let value): value.description
        case .array(let values): "[\(values.map(text(of:)).joined(separator: ", "))]"
        case .dictionary(let entries):
            "{"
                + entries.sorted { $0.key < $1.key }.map { "\($0.key): \(text(of: $0.value))" }
                .joined(separator: ", ") + "}"
        }
    }

    private static func quotedIfNeeded(_ text: String) -> String {
        let plain = text.unicodeScalars.allSatisfy { scalar in
            !isHidden(scalar) && !scalar.properties.isWhitespace && !"=\"\\".unicodeScalars.contains(scalar)
        }
        return plain && !text.isEmpty ? text : "\"\(escaped(text, quotes: true))\""
    }

    private static func plainKey(_ key: String) -> String {
        String(key.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
    }

    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case "\"" where quotes, "\\" where quotes: escaped += "\\\(scalar)"
            case _ where isHidden(scalar): escaped += "\\u{\(String(scalar.value, radix: 16))}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// What is not shown as itself: controls, direction marks, line separators.
    static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}
