/// Durations as people write them: `250ms`, `30s`, `5m`, `1h`, `30d`, or a bare number of seconds.
package enum DurationText {
    /// Ten years: what is longer is a mistyped unit.
    private static let maximumMilliseconds = 10 * 365 * 86_400_000.0

    private static let units: [(suffix: String, milliseconds: Double)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("", 1_000),
    ]

    /// The duration that `text` says; nil when it says none.
    package static func parse(_ text: String) -> Duration? {
        for unit in units where text.hasSuffix(unit.suffix) {
            guard let number = Double(text.dropLast(unit.suffix.count)) else { continue }
            let milliseconds = number * unit.milliseconds
            return (0...maximumMilliseconds).contains(milliseconds) ? .milliseconds(milliseconds) : nil
        }
        return nil
    }

    /// The duration that a JSON value says: a text as above, or a number of seconds.
    static func parse(_ value: JSONValue) -> Duration? {
        switch value {
        case .string(let text): parse(text)
        case .integer(let seconds): parse(String(seconds))
        case .number(let seconds): parse(String(seconds))
        case .null, .bool, .array, .object: nil
        }
    }
}

extension Duration {
    /// In whole seconds, rounded up.
    var inWholeSecondsUp: Int { Int(components.seconds) + (components.attoseconds > 0 ? 1 : 0) }

    /// In seconds, with their fraction.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
