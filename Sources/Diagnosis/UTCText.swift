/// A time of the wall clock for people: `2026-07-01 12:00:00 UTC`.
package enum UTCText {
    /// Date and time of day, to the second.
    ///
    /// - Parameter time: since 1970-01-01 UTC; what is before counts as then.
    package static func text(_ time: Duration) -> String {
        let seconds = max(0, time.components.seconds)
        let (year, month, day) = date(daysSinceEpoch: seconds / 86_400)
        let clock = [seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60].map(twoDigits).joined(separator: ":")
        return "\(year)-\(twoDigits(month))-\(twoDigits(day)) \(clock) UTC"
    }

    /// The Gregorian date, counted in years that begin in March so that a leap day comes last.
    private static func date(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // 719,468 days lie between 0000-03-01 and 1970-01-01, and 146,097 in 400 years.
        let days = daysSinceEpoch + 719_468
        let dayOfEra = days % 146_097
        // Less the leap days before it: one in 4 years, but for one in 100, and the one that ends the era.
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthsSinceMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthsSinceMarch + 2) / 5 + 1
        let month = monthsSinceMarch < 10 ? monthsSinceMarch + 3 : monthsSinceMarch - 9
        return (days / 146_097 * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }

    private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
