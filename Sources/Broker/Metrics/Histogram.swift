/// Durations sorted into buckets.
struct Histogram: Sendable {
    /// Upper bounds in seconds: from a server next door to the longest request time-out in common use.
    static let bounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    private(set) var buckets = [UInt64](repeating: 0, count: bounds.count)
    private(set) var count: UInt64 = 0
    private(set) var sum: Double = 0

    mutating func record(_ duration: Duration) {
        let seconds = duration.inSeconds
        count += 1
        sum += seconds
        for (index, bound) in Self.bounds.enumerated() where seconds <= bound { buckets[index] += 1 }
    }
}

extension Duration {
    /// With the fraction.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
