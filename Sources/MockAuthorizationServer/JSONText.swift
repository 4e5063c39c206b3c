import FoundationEssentials

/// JSON in bytes.
enum JSONText {
    /// Sorted, so that the same document is the same bytes.
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        // Only a number that is not finite cannot be encoded, and JSON has no word for it.
        return (try? encoder.encode(value)).map(Array.init) ?? Array("null".utf8)
    }

    /// The value that `bytes` are; nil when they are none.
    static func decode(_ bytes: [UInt8]) -> JSONValue? {
        try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    }
}

extension JSONValue {
    /// The document as bytes, its members named as they are.
    func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // As in `JSONText.encode`.
        return (try? encoder.encode(self)).map(Array.init) ?? Array("null".utf8)
    }
}
