internal import OAuth2

extension AllowRule: CustomStringConvertible {
    /// The entry as TOML: `{ user = "ann", user_unit = "sync.service" }`.
    package var description: String {
        let lists = [("scopes", scopes.tokens.sorted()), ("audiences", audiences), ("resources", resources)]
        let members: [(String, String?)] =
            [
                ("user", user.map(TOMLText.principal)), ("group", group.map(TOMLText.principal)),
                ("unit", unit.map(TOMLText.string)), ("user_unit", userUnit.map(TOMLText.string)),
            ] + lists.map { ($0, $1.isEmpty ? nil : "[\($1.map(TOMLText.string).joined(separator: ", "))]") }
        return "{ \(members.compactMap { key, value in value.map { "\(key) = \($0)" } }.joined(separator: ", ")) }"
    }
}

/// Values as TOML writes them.
private enum TOMLText {
    static func principal(_ principal: Principal) -> String {
        switch principal {
        case .name(let name): string(name)
        case .number(let number): "\(number)"
        }
    }

    /// A basic string, with nothing in it that a terminal would obey.
    static func string(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _ where scalar.properties.generalCategory.isInvisible:
                scalar.value > 0xFFFF ? "\\U\(hexadecimal(scalar, 8))" : "\\u\(hexadecimal(scalar, 4))"
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar, _ digits: Int) -> String {
        let text = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
