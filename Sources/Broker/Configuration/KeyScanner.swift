/// Finds the positions of keys in a document, and what TOMLKit does not bear.
///
/// It knows of TOML 1.0 what it takes to tell keys from values. Where a text is not valid, which it leaves to TOMLKit
/// to notice, it goes on with the next line: positions may then be missing, and nothing else is wrong.
struct KeyScanner {
    private let bytes: [UInt8]
    private var index = 0
    private var position = SourcePosition(line: 1, column: 1)
    private var root = KeyPositions(position: SourcePosition(line: 1, column: 1))

    /// The table that the latest header opened.
    private var table: [KeyPositions.KeyPart] = []

    /// The first thing that TOMLKit must not get to see.
    private(set) var hazard: Hazard?

    /// What valid or nearly valid TOML may hold and TOMLKit 0.6 does not bear, and where.
    enum Hazard: Equatable {
        /// Nested more than `maximumDepth` deep: its recursion would exhaust the stack.
        case nesting(SourcePosition)

        /// A header that does not begin with a key: an assertion would end the process (toml++ pull request 301).
        case header(SourcePosition)

        /// An element of a list that begins as no value can: an assertion, as above.
        case element(SourcePosition)

        /// A date or time, of which no key of ours has a use: a malformed one runs into an assertion, as above.
        case date(SourcePosition)

        /// An escaped NUL: it would cut the string off there.
        case escapedNUL(SourcePosition)
    }

    /// Far beyond every key of the configuration, and what any stack can bear.
    static let maximumDepth = 32

    /// Scans the UTF-8 text `bytes`.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    }

    /// The positions of all keys and elements, up to the first hazard.
    mutating func scan() -> KeyPositions {
        while hazard == nil, let byte = nextSignificant() {
            if byte == UInt8(ascii: "[") {
                scanHeader()
            } else if let pair = scanPair(depth: table.count) {
                root.define((table + pair.key)[...], as: .value(pair.value), at: pair.position)
            }
            skipLine()
        }
        return root
    }

    // MARK: Tables and pairs

    private mutating func scanHeader() {
        let isElement = peek(1) == UInt8(ascii: "[")
        advance(isElement ? 2 : 1)
        skipSpaces()
        let start = position
        table = scanKey()
        guard let last = table.last else {
            note(.header(start))
            return
        }
        root.define(table[...], as: isElement ? .tableElement : .table, at: last.position)
    }

    /// A key with what is within its value.
    private struct Pair {
        var key: [KeyPositions.KeyPart]
        var value: KeyPositions
        var position: SourcePosition
    }

    private mutating func scanPair(depth: Int) -> Pair? {
        let key = scanKey()
        guard let last = key.last, isBearable(depth + key.count), take("=") else { return nil }
        return Pair(key: key, value: scanValue(depth: depth + key.count), position: last.position)
    }

    private mutating func scanKey() -> [KeyPositions.KeyPart] {
        var parts: [KeyPositions.KeyPart] = []
        repeat {
            skipSpaces()
            let start = position
            guard let name = scanKeyName() else { return [] }
            parts.append(.init(name: name, position: start))
            guard isBearable(parts.count) else { return [] }
            skipSpaces()
        } while take(".")
        return parts
    }

    private mutating func scanKeyName() -> String? {
        switch peek() {
        case UInt8(ascii: "\""): return String(decoding: scanBasicString(), as: UTF8.self)
        case UInt8(ascii: "'"): return String(decoding: scanLiteralString(), as: UTF8.self)
        default:
            let start = index
            while let byte = peek(), Self.isBareKey(byte) { advance() }
            return start == index ? nil : String(decoding: bytes[start..<index], as: UTF8.self)
        }
    }

    // MARK: Values

    private mutating func scanValue(depth: Int) -> KeyPositions {
        skipSpaces()
        var value = KeyPositions(position: position)
        switch peek() {
        case UInt8(ascii: "\""): _ = scanBasicString()
        case UInt8(ascii: "'"): _ = scanLiteralString()
        case UInt8(ascii: "[") where isBearable(depth + 1): scanArray(into: &value, depth: depth + 1)
        case UInt8(ascii: "{") where isBearable(depth + 1): scanInlineTable(into: &value, depth: depth + 1)
        default: scanScalar()
        }
        return value
    }

    /// Skips a number or a word.
    private mutating func scanScalar() {
        let start = position
        let digits = bytes[index...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let next = peek(digits.count)
        if !digits.isEmpty, next == UInt8(ascii: "-") || next == UInt8(ascii: ":") { note(.date(start)) }
        while let byte = peek(), !Self.endsScalar(byte) { advance() }
    }

    private mutating func scanArray(into array: inout KeyPositions, depth: Int) {
        advance()
        while let byte = nextSignificant(), byte != UInt8(ascii: "]") {
            if byte == UInt8(ascii: "}") || byte > 0x7F { note(.element(position)) }
            let start = index
            array.elements.append(scanValue(depth: depth))
            if nextSignificant() == UInt8(ascii: ",") { advance() }
            guard index > start else { return }
        }
        _ = take("]")
    }

    private mutating func scanInlineTable(into table: inout KeyPositions, depth: Int) {
        advance()
        while let byte = nextSignificant(), byte != UInt8(ascii: "}") {
            let start = index
            if let pair = scanPair(depth: depth) {
                table.define(pair.key[...], as: .value(pair.value), at: pair.position)
            }
            if nextSignificant() == UInt8(ascii: ",") { advance() }
            guard index > start else { return }
        }
        _ = take("}")
    }

    private mutating func isBearable(_ depth: Int) -> Bool {
        if depth > Self.maximumDepth { note(.nesting(position)) }
        return depth <= Self.maximumDepth
    }

    private mutating func note(_ found: Hazard) {
        hazard = hazard ?? found
    }

    // MARK: Strings

    private mutating func scanBasicString() -> [UInt8] {
        scanString(quote: UInt8(ascii: "\""))
    }

    private mutating func scanLiteralString() -> [UInt8] {
        scanString(quote: UInt8(ascii: "'"))
    }

    /// Scans a string of any of the four kinds and returns what it says.
    private mutating func scanString(quote: UInt8) -> [UInt8] {
        let isMultiline = peek(1) == quote && peek(2) == quote
        advance(isMultiline ? 3 : 1)
        var content: [UInt8] = []
        while let byte = peek() {
            if byte == quote {
                guard isMultiline else {
                    advance()
                    break
                }
                let run = quotes(quote)
                advance(run)
                if run >= 3 {
                    content.append(contentsOf: repeatElement(quote, count: run - 3))
                    break
                }
                content.append(contentsOf: repeatElement(quote, count: run))
            } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                scanEscape(into: &content)
            } else if byte == UInt8(ascii: "\n"), !isMultiline {
                break
            } else {
                content.append(byte)
                advance()
            }
        }
        return content
    }

    /// How many quotes stand here, at most the five that can end a multi-line string.
    private func quotes(_ quote: UInt8) -> Int {
        var count = 0
        while count < 5, peek(count) == quote { count += 1 }
        return count
    }

    private mutating func scanEscape(into content: inout [UInt8]) {
        let start = position
        advance()
        guard let byte = peek() else { return }
        advance()
        switch byte {
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "u"): scanUnicode(digits: 4, from: start, into: &content)
        case UInt8(ascii: "U"): scanUnicode(digits: 8, from: start, into: &content)
        default: content.append(byte)
        }
    }

    private mutating func scanUnicode(digits: Int, from start: SourcePosition, into content: inout [UInt8]) {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return }
            value = value << 4 | UInt32(digit)
            advance()
        }
        if value == 0 { note(.escapedNUL(start)) }
        if let scalar = Unicode.Scalar(value) { content.append(contentsOf: String(scalar).utf8) }
    }

    // MARK: Bytes

    private func peek(_ offset: Int = 0) -> UInt8? {
        index + offset < bytes.count ? bytes[index + offset] : nil
    }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where index < bytes.count {
            if bytes[index] == UInt8(ascii: "\n") {
                position = SourcePosition(line: position.line + 1, column: 1)
            } else if bytes[index] & 0xC0 != 0x80 {
                position.column += 1
            }
            index += 1
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpaces()
        guard peek() == UInt8(ascii: character) else { return false }
        advance()
        return true
    }

    private mutating func skipSpaces() {
        while let byte = peek(), byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { advance() }
    }

    /// Skips spaces, line ends and comments, and returns the byte that then stands here.
    private mutating func nextSignificant() -> UInt8? {
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): advance()
            case UInt8(ascii: "#"): skipLine()
            default: return byte
            }
        }
        return nil
    }

    private mutating func skipLine() {
        while let byte = peek(), byte != UInt8(ascii: "\n") { advance() }
    }

    static func isBareKey(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "#"), UInt8(ascii: "\n"): true
        default: false
        }
    }
}
