/// A row of small bars, a character each.
package enum Strip {
    private static let bars: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// Bars as high as `values`, of which `top` and more fill a line.
    package static func text(_ values: [Double], top: Double) -> String {
        String(
            values.map { value in
                guard value > 0 else { return bars[0] }
                // What is there is seen, however little it is.
                return bars[max(1, min(bars.count - 1, Int((value / top * Double(bars.count - 1)).rounded())))]
            }
        )
    }
}
