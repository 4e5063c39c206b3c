/// Words that stand in no file, put together here so that this file has none of them either.
enum ForbiddenWords {
    private static let reminders = ["TO" + "DO", "FIX" + "ME", "X" + "XX"]

    /// Directories of one machine: nobody else has what is below them.
    private static let places = ["home", "Users", "root", "work", "workspace", "builds"]

    /// People who have no home anywhere, for examples.
    private static let examples = ["ann", "x"]

    /// The numbers of the lines of `text`, from 1 on, with something that was to be done or that one machine has.
    static func lines(in text: String) -> [Int] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .filter { hasReminder($0.element) || hasPlace($0.element) }
            .map { $0.offset + 1 }
    }

    private static func hasReminder(_ line: Substring) -> Bool {
        line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.contains { reminders.contains(String($0)) }
    }

    private static func hasPlace(_ line: Substring) -> Bool {
        places.contains { place in
            line.ranges(of: "/\(place)/").contains { range in
                let before = line[..<range.lowerBound].last
                let next = line[range.upperBound...].prefix { $0.isLetter || $0.isNumber || "._-".contains($0) }
                // What goes on before it is another path or a URL.
                let isAbsolute = before.map { !$0.isLetter && !$0.isNumber && !"._-/*})$".contains($0) } ?? true
                return isAbsolute && !next.isEmpty && !(place == "home" && examples.contains(String(next)))
            }
        }
    }
}
