/// The authorization server: it counts, and is away now and then.
struct SimulatedServer {
    private let budget: Int
    private let outages: [Range<Int>]

    /// When the latest requests came, each in the place of the one that came so many before.
    private var ring: [Int]
    private var count = 0

    /// How many came in the last second.
    private(set) var inLastSecond = 0

    init(_ scenario: Scenario) {
        budget = scenario.requestsPerSecond
        outages = scenario.outages.map { $0.lowerBound.microseconds..<$0.upperBound.microseconds }
        ring = Array(repeating: .min, count: scenario.requestsPerSecond + 1)
    }

    /// A request arrived: whether the server is there.
    mutating func arrived(at time: Int) throws(BrokenInvariant) -> Bool {
        ring[count % ring.count] = time
        count += 1
        inLastSecond = min(inLastSecond + 1, ring.count)
        // The oldest of those that were within the last second may be no longer.
        while time - ring[(count - inLastSecond) % ring.count] >= 1_000_000 { inLastSecond -= 1 }
        guard inLastSecond <= budget else {
            throw BrokenInvariant("\(inLastSecond) requests came within a second, and \(budget) may", at: time)
        }
        return !outages.contains { $0.contains(time) }
    }
}

extension Duration {
    /// In whole microseconds, rounded up.
    var microseconds: Int { Int((attoseconds + 999_999_999_999) / 1_000_000_000_000) }
}
