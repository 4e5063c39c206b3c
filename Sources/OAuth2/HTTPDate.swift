/// The date form of HTTP header fields, in all three spellings of RFC 9110 §5.6.7.
enum HTTPDate {
    /// The time since 1970-01-01 UTC that `text` names, or nil when it is none.
    static func read(_ text: String) -> Duration? {
        let pieces = text.split { " ,-".contains($0) }
        if pieces.count == 6, pieces[5] == "GMT" {
            return duration(day: pieces[1], month: pieces[2], year: pieces[3], time: pieces[4])
        }
        if pieces.count == 5 {
            return duration(day: pieces[2], month: pieces[1], year: pieces[4], time: pieces[3])
        }
        return nil
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func duration(day: Substring, month: Substring, year: Substring, time: Substring) -> Duration? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, let day = number(day, in: 1...31), let year = fullYear(year),
            let month = months.firstIndex(of: String(month)),
            let hour = number(clock[0], in: 0...23), let minute = number(clock[1], in: 0...59),
            // A leap second is written as 60.
            let second = number(clock[2], in: 0...60)
        else { return nil }
        let days = daysSinceEpoch(year: year, month: month + 1, day: day)
        return .seconds(((days * 24 + hour) * 60 + minute) * 60 + second)
    }

    private static func number(_ digits: Substring, in range: ClosedRange<Int>) -> Int? {
        guard (1...4).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(digits), range.contains(number)
        else { return nil }
        return number
    }

    /// Four digits, or the two of RFC 850, which stand for 1970 to 2069.
    private static func fullYear(_ digits: Substring) -> Int? {
        if digits.utf8.count == 2 {
            return number(digits, in: 0...99).map { $0 < 70 ? 2000 + $0 : 1900 + $0 }
        }
        return number(digits, in: 1970...9999)
    }

    /// Days in the Gregorian calendar, counted in years that begin in March so that a leap day comes last.
    private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let marchYear = month <= 2 ? year - 1 : year
        let monthsSinceMarch = (month + 9) % 12
        let dayOfYear = (153 * monthsSinceMarch + 2) / 5 + day - 1
        let leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400
        // 719,468 days lie between 0000-03-01 and 1970-01-01.
        return marchYear * 365 + leapDays + dayOfYear - 719_468
    }
}
