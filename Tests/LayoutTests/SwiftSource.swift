import Foundation

/// A Swift file, its code told from its comments and from what stands in its string literals.
struct SwiftSource {
    /// One line of the file.
    struct Line {
        /// Without comments and without the content of literals, but with the code of interpolations.
        var code = ""

        /// What stands in a comment, its slashes included.
        var comment = ""

        var isDocumentation: Bool { code.isEmpty && comment.hasPrefix("///") }
    }

    let lines: [Line]

    init(_ text: String) {
        var scanner = Scanner(bytes: Array(text.utf8))
        scanner.run()
        lines = scanner.lines
    }

    /// Everything that is imported, in the order of the file: `import struct A.B` imports A.
    var imports: [String] {
        lines.compactMap { line in
            let words = line.code.split(separator: " ")
            guard let keyword = words.firstIndex(of: "import"),
                words[..<keyword].allSatisfy({ $0.hasPrefix("@") || Self.accessLevels.contains(String($0)) })
            else { return nil }
            return words.last.map { String($0.prefix { $0 != "." }) }
        }
    }

    static let accessLevels: Set = ["open", "public", "package", "internal", "fileprivate", "private"]

    /// The numbers, from 1 on, of the lines with one of `markers` that have no comment in them or next to them.
    func unreasoned(_ markers: [String]) -> [Int] {
        lines.indices.filter { index in
            guard markers.contains(where: { lines[index].code.contains($0) }) else { return false }
            return ![index - 1, index, index + 1].contains { lines.indices.contains($0) && !lines[$0].comment.isEmpty }
        }
        .map { $0 + 1 }
    }
}

/// Tells code, comments and literals apart, byte by byte.
private struct Scanner {
    private enum Context {
        /// The file's own code, or that of an interpolation with so many parentheses open.
        case code(open: Int)
        case literal(hashes: Int, quotes: Int)
        case lineComment
        case blockComment(depth: Int)
    }

    let bytes: [UInt8]
    private(set) var lines: [SwiftSource.Line] = []
    private var index = 0
    private var contexts: [Context] = [.code(open: 0)]
    private var code: [UInt8] = []
    private var comment: [UInt8] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func run() {
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\n") {
                if case .lineComment = contexts.last { contexts.removeLast() }
                endLine()
                index += 1
                continue
            }
            switch contexts[contexts.count - 1] {
            case .code(let open): scanCode(open: open)
            case .literal(let hashes, let quotes): scanLiteral(hashes: hashes, quotes: quotes)
            case .lineComment: take(1, asComment: true)
            case .blockComment(let depth): scanBlockComment(depth: depth)
            }
        }
        if !code.isEmpty || !comment.isEmpty { endLine() }
    }

    private mutating func scanCode(open: Int) {
        if next(is: "//") {
            contexts.append(.lineComment)
        } else if next(is: "/*") {
            contexts.append(.blockComment(depth: 0))
        } else if let (hashes, quotes) = literalStart() {
            contexts.append(.literal(hashes: hashes, quotes: quotes))
            take(hashes + quotes)
        } else {
            if next(is: "(") {
                contexts[contexts.count - 1] = .code(open: open + 1)
            } else if next(is: ")") {
                contexts[contexts.count - 1] = .code(open: open - 1)
                if open == 1, contexts.count > 1 { contexts.removeLast() }
            }
            take(1)
        }
    }

    private mutating func scanLiteral(hashes: Int, quotes: Int) {
        let fence = String(repeating: "#", count: hashes)
        if next(is: String(repeating: "\"", count: quotes) + fence) {
            contexts.removeLast()
            take(quotes + hashes)
        } else if next(is: "\\\(fence)(") {
            index += hashes + 1
            contexts.append(.code(open: 0))
        } else {
            index += next(is: "\\\(fence)") ? hashes + 2 : 1
        }
    }

    private mutating func scanBlockComment(depth: Int) {
        if next(is: "/*") {
            contexts[contexts.count - 1] = .blockComment(depth: depth + 1)
            take(2, asComment: true)
        } else if next(is: "*/") {
            if depth == 1 {
                contexts.removeLast()
            } else {
                contexts[contexts.count - 1] = .blockComment(depth: depth - 1)
            }
            take(2, asComment: true)
        } else {
            take(1, asComment: true)
        }
    }

    private func literalStart() -> (hashes: Int, quotes: Int)? {
        guard next(is: "\"") || next(is: "#") else { return nil }
        let hashes = bytes[index...].prefix { $0 == UInt8(ascii: "#") }.count
        let quotes = bytes[(index + hashes)...].prefix { $0 == UInt8(ascii: "\"") }.count
        // Two quotes are an empty literal.
        return quotes == 0 ? nil : (hashes, quotes >= 3 ? 3 : 1)
    }

    private func next(is text: String) -> Bool {
        var position = index
        for byte in text.utf8 {
            guard position < bytes.count, bytes[position] == byte else { return false }
            position += 1
        }
        return true
    }

    private mutating func take(_ count: Int, asComment: Bool = false) {
        let taken = bytes[index...].prefix(count)
        if asComment { comment += taken } else { code += taken }
        index += count
    }

    private mutating func endLine() {
        lines.append(SwiftSource.Line(code: Self.text(code), comment: Self.text(comment)))
        code = []
        comment = []
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespaces)
    }
}
