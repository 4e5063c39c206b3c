/// What was measured in each of several rounds.
package struct Series: Sendable, Equatable {
    private(set) package var values: [Double]

    package init(_ values: [Double] = []) { self.values = values }

    /// Adds a round's.
    package mutating func append(_ value: Double) { values.append(value) }

    /// The one in the middle, or the mean of the two there; not a number when there is none.
    package var median: Double {
        guard !values.isEmpty else { return .nan }
        let sorted = values.sorted()
        let half = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[half]
    }

    /// The one that this part of all did not exceed; not a number when there is none.
    package func quantile(_ part: Double) -> Double {
        guard !values.isEmpty else { return .nan }
        let rank = Int((part * Double(values.count)).rounded(.up))
        return values.sorted()[min(max(rank, 1), values.count) - 1]
    }

    /// The median of the ratios of each round to the same round of `other`, which a machine that grows slower between
    /// rounds does not touch.
    package func ratio(to other: Series) -> Double {
        Series(zip(values, other.values).map { $0 / $1 }).median
    }
}
