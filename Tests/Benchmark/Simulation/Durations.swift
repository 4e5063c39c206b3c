/// How long things took: counts in classes that are a sixteenth of their size wide.
package struct Durations: Sendable {
    private static let steps = 16

    private var counts = Array(repeating: 0, count: 64 * steps)

    /// How many were noted.
    package private(set) var count = 0

    /// The longest, exactly.
    package private(set) var longest: Duration = .zero

    mutating func note(microseconds: Int) {
        counts[Self.place(of: max(0, microseconds))] += 1
        count += 1
        longest = max(longest, .microseconds(microseconds))
    }

    /// What this share of them did not exceed, to a sixteenth; zero when there are none.
    package func quantile(_ share: Double) -> Duration {
        var left = Int((Double(count) * share).rounded(.up))
        for (place, number) in counts.enumerated() where number > 0 {
            left -= number
            if left <= 0 { return min(longest, .microseconds(Self.limit(of: place))) }
        }
        return .zero
    }

    /// The classes below 16 µs are exact; then each power of two has as many.
    private static func place(of value: Int) -> Int {
        let shift = max(0, Int.bitWidth - 1 - value.leadingZeroBitCount - 4)
        return shift * steps + value >> shift
    }

    /// The largest value of the class.
    private static func limit(of place: Int) -> Int {
        let shift = max(0, place / steps - 1)
        return (place - shift * steps + 1) << shift - 1
    }
}
