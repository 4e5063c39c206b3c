/// Finds what somebody meant to write.
enum Spelling {
    /// The candidate that `word` is a misspelling of, or the whole that it is a part of.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let word = word.lowercased()
        let ranked = candidates.map { (candidate: $0, distance: distance(word, $0)) }
            .filter { $0.distance <= tolerance(word, $0.candidate) }
            .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }
        return ranked?.candidate ?? candidates.filter { isPart(word, of: $0) }.min()
    }

    /// One slip in a short word, two in a longer one; three turn one key into another.
    private static func tolerance(_ word: String, _ candidate: String) -> Int {
        max(word.utf8.count, candidate.utf8.count) < 6 ? 1 : 2
    }

    private static func isPart(_ word: String, of candidate: String) -> Bool {
        candidate.split(separator: "_").contains { $0 == word }
    }

    /// The letters to add, leave out, change or swap with their neighbour (optimal string alignment).
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        // A key is short; what is longer is no misspelling of one.
        guard left.count <= longest, right.count <= longest else { return .max }
        var rows = [Array(0...right.count)]
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                let change = rows[i][j] + (left[i] == right[j] ? 0 : 1)
                var best = min(rows[i][j + 1] + 1, row[j] + 1, change)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }

    private static let longest = 64
}
