/// What Package.swift says of its targets, read from its text.
struct Manifest {
    /// A target as it is declared.
    struct Target: Equatable {
        var name: String
        var isTest: Bool
        var dependencies: Set<String>

        /// What stands after `swiftSettings:` or `cSettings:`, nil when neither does.
        var settings: String?

        /// Whether there is Swift or C in it that is compiled.
        var isCompiled = true

        /// Where its files are, when that is not where its name says.
        var path: String?

        /// Where its files are.
        var directory: String { path ?? "\(isTest ? "Tests" : "Sources")/\(name)" }
    }

    private(set) var targets: [Target] = []

    /// The elements of `let strict`.
    private(set) var strictSettings: [String] = []

    enum Unreadable: Error, Equatable {
        case package
        case list(String)
        case dependency(String)
        case target(String)
    }

    init(_ text: String) throws {
        let tokens = ManifestToken.tokens(of: text)
        guard let strict = Self.value(of: "strict", in: tokens), let package = Self.value(of: "package", in: tokens),
            let open = package.firstIndex(of: .word("(")),
            let list = Self.arguments(of: package[open...]).first(where: { $0.label == "targets" })
        else { throw Unreadable.package }
        strictSettings = try Self.elements(of: strict).map(Self.joined)
        let helpers = ["room", "tests"].reduce(into: [:]) { $0[$1] = Self.settings(ofHelper: $1, in: tokens) }
        var products: [String: String] = [:]
        for index in tokens.indices.dropLast(2)
        where tokens[index] == .word("let") && tokens[(index + 2)...].starts(with: Self.productStart) {
            guard case .literal(let product)? = tokens[index...].first(where: \.isLiteral) else { continue }
            products[tokens[index + 1].text] = product
        }
        for list in [list.value] + Self.additions(in: tokens) {
            for call in try Self.elements(of: list) {
                targets.append(try Self.target(call, products: products, helpers: helpers))
            }
        }
    }

    /// The lists of targets that are added when something asks for them.
    private static func additions(in tokens: [ManifestToken]) -> [ArraySlice<ManifestToken>] {
        tokens.ranges(of: ["package", ".", "targets", "+", "="].map { .word($0) }).map { range in
            let list = tokens[range.upperBound...]
            return end(of: list).map { list[...$0] } ?? list
        }
    }

    /// What comes after `let NAME … =`.
    private static func value(of name: String, in tokens: [ManifestToken]) -> ArraySlice<ManifestToken>? {
        guard let start = tokens.firstRange(of: [.word("let"), .word(name)])?.upperBound,
            let equals = tokens[start...].firstIndex(of: .word("="))
        else { return nil }
        let value = tokens[(equals + 1)...]
        // An array ends with its bracket; whatever else is asked for is a call, whose end its reader finds.
        guard value.first == .word("["), let end = end(of: value) else { return value }
        return value[...end]
    }

    private static let productStart = ["=", "Target", ".", "Dependency", ".", "product"].map { ManifestToken.word($0) }

    /// The settings that a function of the manifest gives to what it makes.
    private static func settings(ofHelper name: String, in tokens: [ManifestToken]) -> String? {
        guard let start = tokens.firstRange(of: [.word("func"), .word(name)])?.upperBound,
            let body = tokens[start...].firstIndex(of: .word("{")),
            let call = tokens[body...].firstIndex(of: .word("("))
        else { return nil }
        return settings(in: arguments(of: tokens[call...]))
    }

    private static func settings(in arguments: [Argument]) -> String? {
        arguments.first { $0.label == "swiftSettings" || $0.label == "cSettings" }.map { joined($0.value) }
    }

    private static func target(
        _ call: ArraySlice<ManifestToken>,
        products: [String: String],
        helpers: [String: String]
    ) throws -> Target {
        guard let open = call.firstIndex(of: .word("(")), case .word(let kind)? = call[..<open].last else {
            throw Unreadable.target(joined(call))
        }
        let arguments = arguments(of: call[open...])
        guard let subject = arguments.first(where: { ["name", "of", nil].contains($0.label) }),
            case .literal(let name)? = subject.value.first
        else { throw Unreadable.target(joined(call)) }
        let list = arguments.first { $0.label == "dependencies" } ?? arguments.dropFirst().first { $0.label == nil }
        var dependencies: Set<String> = []
        for element in try list.map({ try elements(of: $0.value) }) ?? [] {
            dependencies.insert(try dependency(element, products: products))
        }
        if kind == "tests" { dependencies.insert(name) }
        return Target(
            name: kind == "tests" ? "\(name)Tests" : name,
            isTest: kind == "tests" || kind == "testTarget" || isBeneathTests(arguments),
            dependencies: dependencies,
            settings: helpers[kind] ?? settings(in: arguments),
            isCompiled: kind != "systemLibrary",
            path: path(arguments)
        )
    }

    /// Whether a target is there for tests alone, by where its sources are.
    private static func isBeneathTests(_ arguments: [Argument]) -> Bool {
        path(arguments)?.hasPrefix("Tests/") == true
    }

    private static func path(_ arguments: [Argument]) -> String? {
        guard case .literal(let path)? = arguments.first(where: { $0.label == "path" })?.value.first else { return nil }
        return path
    }

    private static func dependency(_ element: ArraySlice<ManifestToken>, products: [String: String]) throws -> String {
        switch element.first {
        case .literal(let name)? where element.count == 1: return name
        case .word(let name)? where element.count == 1 && products[name] != nil: return products[name] ?? name
        case .word(".")?:
            guard case .literal(let name)? = element.first(where: \.isLiteral) else {
                throw Unreadable.dependency(joined(element))
            }
            return name
        default: throw Unreadable.dependency(joined(element))
        }
    }

    private static func elements(of array: ArraySlice<ManifestToken>) throws -> [ArraySlice<ManifestToken>] {
        // Something may be added to an array; then it is not all in the brackets.
        guard array.first == .word("["), end(of: array) == array.indices.last else {
            throw Unreadable.list(joined(array))
        }
        return parts(of: array)
    }

    private struct Argument {
        let label: String?
        let value: ArraySlice<ManifestToken>
    }

    private static func arguments(of call: ArraySlice<ManifestToken>) -> [Argument] {
        parts(of: call).map { part in
            if case .word(let label)? = part.first, part.dropFirst().first == .word(":") {
                Argument(label: label, value: part.dropFirst(2))
            } else {
                Argument(label: nil, value: part)
            }
        }
    }

    /// What stands between the commas of the bracket that `tokens` begins with.
    private static func parts(of tokens: ArraySlice<ManifestToken>) -> [ArraySlice<ManifestToken>] {
        guard let end = end(of: tokens) else { return [] }
        var depth = 0
        return tokens[tokens.startIndex..<end].dropFirst()
            .split { token in
                depth += token.nesting
                return depth == 0 && token == .word(",")
            }
    }

    /// Where the bracket closes that `tokens` begins with.
    private static func end(of tokens: ArraySlice<ManifestToken>) -> Int? {
        var depth = 0
        return tokens.indices.first { index in
            depth += tokens[index].nesting
            return depth == 0
        }
    }

    private static func joined(_ tokens: ArraySlice<ManifestToken>) -> String {
        tokens.map(\.text).joined()
    }
}

/// A word, a mark or a string literal of Package.swift.
enum ManifestToken: Equatable {
    case word(String)
    case literal(String)

    var isLiteral: Bool { if case .literal = self { true } else { false } }

    /// How many brackets are open after it that were not before.
    var nesting: Int {
        switch self {
        case .word("("), .word("["), .word("{"): 1
        case .word(")"), .word("]"), .word("}"): -1
        default: 0
        }
    }

    var text: String {
        switch self {
        case .word(let text): text
        case .literal(let text): "\"\(text)\""
        }
    }

    static func tokens(of text: String) -> [ManifestToken] {
        var tokens: [ManifestToken] = []
        var rest = text[...]
        while let first = rest.first {
            if rest.hasPrefix("//") {
                rest = rest.drop { !$0.isNewline }
            } else if first == "\"" {
                let literal = rest.dropFirst().prefix { $0 != "\"" }
                tokens.append(.literal(String(literal)))
                rest = rest.dropFirst(literal.count + 2)
            } else if first.isLetter || first == "_" {
                let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                tokens.append(.word(String(word)))
                rest = rest.dropFirst(word.count)
            } else {
                if !first.isWhitespace { tokens.append(.word(String(first))) }
                rest = rest.dropFirst()
            }
        }
        return tokens
    }
}
