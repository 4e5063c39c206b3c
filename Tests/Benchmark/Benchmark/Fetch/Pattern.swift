import Benchmarking

/// How a server is asked.
struct Pattern: Hashable {
    let connections: Int

    /// Whether there is a new connection for every request.
    var reconnects = false

    static let kept = [1, 16, 64, 1_000].map { Pattern(connections: $0) }
    static let new = [1, 16].map { Pattern(connections: $0, reconnects: true) }

    /// Those for which the rule of a unit is measured too.
    static let byUnit = Set([Pattern(connections: 64)] + new)

    /// The head of its column.
    var title: String { "\(Figure.grouped(connections)) \(reconnects ? "new" : "kept")" }
}
