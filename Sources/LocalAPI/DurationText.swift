/// Durations as people write them: `90s`, `5m`, `24h`, `30d`.
package enum DurationText {
    /// A number and one unit, or nil.
    package static func parse(_ text: String) -> Duration? {
        guard let unit = text.utf8.last, let count = digits(text.utf8.dropLast()) else { return nil }
        let seconds: Int64
        switch unit {
        case UInt8(ascii: "s"): seconds = 1
        case UInt8(ascii: "m"): seconds = 60
        case UInt8(ascii: "h"): seconds = 3_600
        case UInt8(ascii: "d"): seconds = 86_400
        default: return nil
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: seconds)
        return overflow ? nil : .seconds(product)
    }

    /// The same, or a bare number of seconds, as a query may have it.
    package static func parseSeconds(_ text: String) -> Duration? {
        digits(Substring(text).utf8).map { .seconds($0) } ?? parse(text)
    }

    /// A duration in the largest unit that leaves no rest, or in two units for people: `45s`, `2m 30s`, `3h 5m`, `2d 4h`.
    package static func text(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        let units: [(Int64, String)] = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")]
        guard let first = units.firstIndex(where: { seconds >= $0.0 }) else { return "0s" }
        let (size, name) = units[first]
        let whole = "\(seconds / size)\(name)"
        guard first + 1 < units.count else { return whole }
        let rest = seconds % size / units[first + 1].0
        return rest == 0 ? whole : "\(whole) \(rest)\(units[first + 1].1)"
    }

    /// Twelve digits are beyond every duration that means anything, and cannot overflow.
    private static func digits(_ text: Substring.UTF8View) -> Int64? {
        guard !text.isEmpty, text.count <= 12 else { return nil }
        var number: Int64 = 0
        for byte in text {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + Int64(byte - 0x30)
        }
        return number
    }
}
