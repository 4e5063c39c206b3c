/// A table as Markdown writes it, its columns aligned in the text too.
package struct MarkdownTable: Sendable {
    private let heads: [String]
    private var rows: [[String]] = []

    /// The first column is of words, the others of numbers, which stand to the right.
    package init(_ heads: [String]) { self.heads = heads }

    /// Adds a row; what it lacks stays empty.
    package mutating func append(_ cells: [String]) {
        let missing = max(0, heads.count - cells.count)
        rows.append(cells.prefix(heads.count) + Array(repeating: "", count: missing))
    }

    /// Without a line break at its end.
    package var text: String {
        let widths = heads.indices.map { column in
            max(3, ([heads] + rows).map { $0[column].count }.max() ?? 0)
        }
        let rule = widths.enumerated().map { column, width in
            String(repeating: "-", count: column == 0 ? width : width - 1) + (column == 0 ? "" : ":")
        }
        return ([heads, rule] + rows).map { cells in
            let padded = zip(cells, widths).enumerated().map { column, cell in
                let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + padding : padding + cell.0
            }
            return "| \(padded.joined(separator: " | ")) |"
        }
        .joined(separator: "\n")
    }
}
