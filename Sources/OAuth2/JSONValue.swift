import FoundationEssentials

/// A JSON value of a server's answer, whatever it may be.
enum JSONValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Well-formed, but a number beyond Double, text that is no Unicode, or nested too deep.
    case unreadable

    /// What protocols nest is two or three levels deep; more costs the decoder time that grows with the square.
    static let maximumDepth = 8

    /// A metadata document has a few hundred values; each costs the decoder microseconds.
    static let maximumValues = 4_096

    /// Reads one JSON text, or nil when `bytes` are none or beyond `maximumValues`; ill-formed UTF-8 is repaired.
    init?(bytes: some Collection<UInt8>) {
        // Every value but the first of a container follows a comma or a bracket.
        let values = bytes.count { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") }
        guard values <= JSONValue.maximumValues else { return nil }
        var text = Data(bytes)
        // A token may be in it.
        defer { text.resetBytes(in: text.startIndex..<text.endIndex) }
        if (try? UTF8Span(validating: text.span)) == nil { text = Data(String(decoding: bytes, as: UTF8.self).utf8) }
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: text) else { return nil }
        self = value
    }

    /// The text of a string.
    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The members of an object.
    var object: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The elements of an array.
    var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// A number, or a string that is one in decimal.
    var decimal: Double? {
        switch self {
        case .number(let number):
            return number
        case .string(let text):
            // Double reads hexadecimal, "nan" and "infinity" too, which no server means.
            let isDecimal = text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE ".utf8.contains($0) }
            guard isDecimal, let number = Double(text.filter { $0 != " " }), number.isFinite else { return nil }
            return number
        case .null, .boolean, .array, .object, .unreadable:
            return nil
        }
    }
}

extension JSONValue: Decodable {
    /// Never fails of itself: what cannot be read is `unreadable`, so that one odd member does not spoil the others.
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if decoder.codingPath.count > JSONValue.maximumDepth {
            self = .unreadable
        } else if container.decodeNil() {
            self = .null
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let boolean = try? container.decode(Bool.self) {
            self = .boolean(boolean)
        } else if let members = try? container.decode([String: JSONValue].self) {
            self = .object(members)
        } else if let elements = try? container.decode([JSONValue].self) {
            self = .array(elements)
        } else {
            self = .unreadable
        }
    }
}
