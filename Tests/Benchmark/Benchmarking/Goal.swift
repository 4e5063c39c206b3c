/// What a figure is to be, and what it was.
package struct Goal: Sendable {
    /// How the figure stands to its limit when the goal is met.
    package enum Side: String, Sendable {
        case atLeast = "≥"
        case atMost = "≤"
    }

    package let name: String
    package let side: Side
    package let limit: Double
    package let measured: Double

    /// What stands behind both numbers, as in `MB`.
    package let unit: String

    package init(_ name: String, _ side: Side, _ limit: Double, measured: Double, unit: String = "") {
        self.name = name
        self.side = side
        self.limit = limit
        self.measured = measured
        self.unit = unit
    }

    /// Whether it is met; what was not measured is not.
    package var isMet: Bool {
        switch side {
        case .atLeast: measured >= limit
        case .atMost: measured <= limit
        }
    }

    /// As it was written.
    private var limitText: String {
        limit == limit.rounded() && abs(limit) < 1e15 ? Figure.grouped(Int(limit)) : "\(limit)"
    }

    /// A row for each.
    package static func table(_ goals: [Goal]) -> String {
        var table = MarkdownTable(["", "target", "measured", "met"])
        for goal in goals {
            let unit = goal.unit.isEmpty ? "" : " \(goal.unit)"
            table.append([
                goal.name,
                "\(goal.side.rawValue) \(goal.limitText)\(unit)",
                "\(Figure.text(goal.measured))\(unit)",
                goal.isMet ? "yes" : "**no**",
            ])
        }
        return table.text
    }
}
