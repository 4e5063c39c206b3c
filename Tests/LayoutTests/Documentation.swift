/// Which declarations must say what they are.
extension SwiftSource {
    /// What a protocol of the standard library or of swift-log asks for, and documents.
    private static let witnesses = [
        "var description:", "func ==", "func <", "func hash(into", "func encode(to", "func log(event:",
        "subscript(metadataKey",
    ]

    private static let introducers: Set = [
        "actor", "class", "enum", "extension", "func", "init", "let", "protocol", "struct", "subscript", "typealias",
        "var",
    ]

    /// The numbers of the lines that declare something for other targets and do not say what it is.
    ///
    /// Types, functions and what is computed must say it in a sentence before all else. Stored properties and
    /// initialisers need not, as their names and types often say all, nor what a protocol documents already.
    var undocumented: [Int] {
        lines.indices.filter { index in
            guard let declaration = Declaration(lines[index].code), declaration.mustBeDocumented else { return false }
            var above = index - 1
            while above >= 0, lines[above].code.hasPrefix("@") { above -= 1 }
            var documentation: [String] = []
            while above >= 0, lines[above].isDocumentation {
                documentation.insert(String(lines[above].comment.dropFirst(3)), at: 0)
                above -= 1
            }
            return !Self.beginsWithSentence(documentation)
        }
        .map { $0 + 1 }
    }

    private static func beginsWithSentence(_ documentation: [String]) -> Bool {
        let paragraph = documentation.prefix { !$0.allSatisfy(\.isWhitespace) }.joined()
        return paragraph.contains { ".:?".contains($0) }
    }

    /// A line that begins a declaration.
    private struct Declaration {
        let modifiers: [Substring]
        /// From the keyword on.
        let rest: Substring
        let introducer: String

        init?(_ line: String) {
            var rest = line[...]
            var modifiers: [Substring] = []
            while true {
                let word = rest.prefix { !" (:<{".contains($0) }
                if introducers.contains(String(word)), rest.dropFirst(word.count).first != ":",
                    !(word == "class" && introducers.contains(where: { rest.hasPrefix("class \($0) ") }))
                {
                    self.rest = rest
                    self.modifiers = modifiers
                    introducer = String(word)
                    return
                }
                guard !word.isEmpty, word.allSatisfy({ $0.isLetter || $0 == "@" || $0 == "_" || $0.isNumber }) else {
                    return nil
                }
                modifiers.append(word)
                rest = rest.dropFirst(word.count)
                if rest.first == "(" {
                    guard let end = rest.firstIndex(of: ")") else { return nil }
                    rest = rest[end...].dropFirst()
                }
                rest = rest.drop { $0 == " " }
            }
        }

        var mustBeDocumented: Bool {
            guard modifiers.contains(where: { ["open", "public", "package"].contains($0) }),
                !witnesses.contains(where: { rest.hasPrefix($0) })
            else { return false }
            switch introducer {
            case "extension", "init": return false
            case "let", "var": return modifiers.contains("static") || isComputed
            default: return true
            }
        }

        private var isComputed: Bool {
            guard let brace = rest.firstIndex(of: "{") else { return false }
            return !rest[..<brace].contains("=")
        }
    }
}
