import TOMLKit

/// The text of one configuration file, read as TOML.
struct ConfigurationDocument {
    /// The table of the whole document.
    let root: ConfigurationNode

    /// Reads `bytes`, which were found in `file`.
    init(_ bytes: [UInt8], file: String) throws(ConfigurationError) {
        let text = try Self.text(of: bytes, file: file)
        var scanner = KeyScanner(bytes)
        let positions = scanner.scan()
        if let hazard = scanner.hazard { throw hazard.error(in: file) }
        let table = try Self.parse(text, file: file)
        root = ConfigurationNode(TOMLValue(table), at: positions, else: SourcePlace(file: file, line: 1, column: 1))
    }

    private static func text(of bytes: [UInt8], file: String) throws(ConfigurationError) -> String {
        if let index = bytes.firstIndex(of: 0) {
            throw ConfigurationError(
                place: SourcePlace(file: file, line: line(of: index, in: bytes)),
                problem: "a NUL byte",
                remedy: "write the file as UTF-8 text"
            )
        }
        do {
            return String(copying: try UTF8Span(validating: bytes.span))
        } catch {
            throw ConfigurationError(
                place: SourcePlace(file: file, line: line(of: error.byteOffsets.lowerBound, in: bytes)),
                problem: "not UTF-8 text",
                remedy: "write the file as UTF-8 text"
            )
        }
    }

    private static func line(of index: Int, in bytes: [UInt8]) -> Int {
        bytes[..<index].count { $0 == UInt8(ascii: "\n") } + 1
    }

    private static func parse(_ text: String, file: String) throws(ConfigurationError) -> TOMLTable {
        do {
            return try TOMLTable(string: text)
        } catch {
            let parseError = error as? TOMLParseError
            let reason = parseError.map(reason) ?? "it cannot be read"
            throw ConfigurationError(
                place: SourcePlace(
                    file: file,
                    line: parseError?.source.begin.line ?? 1,
                    column: parseError?.source.begin.column
                ),
                problem: "not valid TOML: \(reason)",
                remedy: reason.hasSuffix(undeterminedType) ? "write strings in quotes" : nil
            )
        }
    }

    /// What TOMLKit says, on one line and without the value that it may quote, which may be a secret.
    private static func reason(_ error: TOMLParseError) -> String {
        var reason = error.description.replacing(parsingPrefix, with: "", maxReplacements: 1)
        if let quote = reason.firstIndex(of: "'"), let end = reason.lastIndex(of: "'"), quote < end,
            valueQuotes.contains(where: reason.contains)
        {
            reason.replaceSubrange(quote...end, with: "it")
        }
        let scalars = reason.unicodeScalars.map { $0.properties.generalCategory.isInvisible ? " " : $0 }
        return String(String.UnicodeScalarView(scalars))
    }

    private static let parsingPrefix = "Error while parsing "
    private static let undeterminedType = "could not determine value type"

    /// What TOMLKit writes beside a whole value, and not beside a character or a key.
    private static let valueQuotes = ["representable", "interpret"]
}

extension KeyScanner.Hazard {
    fileprivate func error(in file: String) -> ConfigurationError {
        switch self {
        case .nesting(let position):
            ConfigurationError(
                place: SourcePlace(file: file, position),
                problem: "nested more than \(KeyScanner.maximumDepth) deep"
            )
        case .header(let position):
            ConfigurationError(
                place: SourcePlace(file: file, position),
                problem: "not valid TOML: table header: expected a key",
                remedy: "write it like [clients.NAME]"
            )
        case .element(let position):
            ConfigurationError(
                place: SourcePlace(file: file, position),
                problem: "not valid TOML: array: expected a value or ]"
            )
        case .date(let position):
            ConfigurationError(
                place: SourcePlace(file: file, position),
                problem: "a date or time, of which no key has a use",
                remedy: "write strings in quotes"
            )
        case .escapedNUL(let position):
            ConfigurationError(
                place: SourcePlace(file: file, position),
                problem: "a string contains a NUL character",
                remedy: "remove it"
            )
        }
    }
}

extension SourcePlace {
    init(file: String, _ position: SourcePosition) {
        self.init(file: file, line: position.line, column: position.column)
    }
}

extension ConfigurationNode {
    /// Takes over what TOMLKit parsed, each value at its position or, failing that, at the place of what it is in.
    fileprivate init(
        _ value: some TOMLValueConvertible,
        at positions: KeyPositions?,
        else outer: SourcePlace
    ) {
        let place = positions.map { SourcePlace(file: outer.file, $0.position) } ?? outer
        self.place = place
        if let string = value.string {
            self.value = .string(string)
        } else if let integer = value.int {
            self.value = .integer(integer)
        } else if let number = value.double {
            self.value = .number(number)
        } else if let boolean = value.bool {
            self.value = .boolean(boolean)
        } else if let array = value.array {
            self.value = .list(
                array.indices.map { index in
                    let positions = positions.flatMap { $0.elements.indices.contains(index) ? $0.elements[index] : nil }
                    return ConfigurationNode(array[index].tomlValue, at: positions, else: place)
                }
            )
        } else {
            self.value = .table(value.table.map { Self.members(of: $0, at: positions, else: place) } ?? [])
        }
    }

    private static func members(
        of table: TOMLTable,
        at positions: KeyPositions?,
        else outer: SourcePlace
    ) -> [Member] {
        // Not TOMLKit's iterator, which traps where a key is cut off.
        let members = table.keys.compactMap { key in
            table[key].map { value in
                Member(
                    key: key,
                    node: ConfigurationNode(
                        value.tomlValue,
                        at: positions?.members[key],
                        else: outer
                    )
                )
            }
        }
        return members.sorted { left, right in
            (left.node.place.line ?? 0, left.node.place.column ?? 0)
                < (right.node.place.line ?? 0, right.node.place.column ?? 0)
        }
    }
}
