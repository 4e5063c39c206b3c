/// How long things took, counted in buckets of at most 1.6 % of their time each, whatever the time.
package struct Histogram: Sendable, Equatable {
    /// Two to this power is the number of buckets for each doubling of the time.
    private static let stepBits = 6
    private static let steps = 1 << stepBits

    private var counts = [Int](repeating: 0, count: (64 - stepBits + 1) * steps)
    package private(set) var count = 0

    /// In nanoseconds, as the greatest of all.
    private var total: UInt64 = 0
    private var greatest: UInt64 = 0

    package init() {}

    /// Counts a time.
    package mutating func record(nanoseconds: UInt64) {
        counts[Self.bucket(of: nanoseconds)] += 1
        count += 1
        total &+= nanoseconds
        greatest = max(greatest, nanoseconds)
    }

    /// Counts all that another has counted.
    package mutating func merge(_ other: Histogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        total &+= other.total
        greatest = max(greatest, other.greatest)
    }

    /// In microseconds, the time that this part of all did not exceed; 0 when nothing was counted.
    package func quantile(_ part: Double) -> Double {
        let rank = max(1, Int((part * Double(count)).rounded(.up)))
        var seen = 0
        for (index, inBucket) in counts.enumerated() where inBucket > 0 {
            seen += inBucket
            if seen >= rank { return min(Self.middle(of: index), Double(greatest)) / 1_000 }
        }
        return 0
    }

    /// In microseconds, exactly.
    package var mean: Double { count == 0 ? 0 : Double(total) / Double(count) / 1_000 }

    /// In microseconds, exactly.
    package var maximum: Double { Double(greatest) / 1_000 }

    /// Times below 64 ns have a bucket each; each doubling from there on has 64.
    private static func bucket(of nanoseconds: UInt64) -> Int {
        guard nanoseconds >= UInt64(steps) else { return Int(nanoseconds) }
        let shift = 63 - nanoseconds.leadingZeroBitCount - stepBits
        return shift * steps + Int(nanoseconds >> UInt64(shift))
    }

    /// In nanoseconds.
    private static func middle(of bucket: Int) -> Double {
        guard bucket >= 2 * steps else { return Double(bucket) }
        let shift = bucket / steps - 1
        let lowest = UInt64(bucket - shift * steps) << UInt64(shift)
        return Double(lowest) + Double((UInt64(1) << UInt64(shift)) - 1) / 2
    }
}
