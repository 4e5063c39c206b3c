/// A secret that stands in a configuration's text itself.
enum InlineSecret {
    private static let keys = ["client_secret", "refresh_token", "state_key"].map { Array($0.utf8) }

    /// Shorter ones may stand in an error by chance.
    private static let minimumLength = 8

    /// `text` with other letters and digits in its first secret; nil when it has none that is plain to see.
    ///
    /// What an operator is told must not depend on which letters they are.
    static func changed(in text: [UInt8]) -> [UInt8]? {
        // What stands in a string of several lines only looks like a key.
        guard ["\"\"\"", "'''"].allSatisfy({ text.firstRange(of: Array($0.utf8)) == nil }) else { return nil }
        for line in text.split(separator: UInt8(ascii: "\n")) {
            guard let secret = secret(in: line), text.ranges(of: Array(text[secret])).count == 1 else { continue }
            var changed = text
            for index in secret { changed[index] = other(changed[index]) }
            return changed
        }
        return nil
    }

    /// Where the value is in a line like `client_secret = "…"`.
    private static func secret(in line: ArraySlice<UInt8>) -> Range<Int>? {
        guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let key = line[..<equals].filter { $0 != 0x20 && $0 != 0x09 }
        let isBare = key.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
        guard isBare, keys.contains(where: { key.reversed().starts(with: $0.reversed()) }) else { return nil }
        let value = line[equals...].dropFirst().drop { $0 == 0x20 || $0 == 0x09 }
        guard let quote = value.first, "\"'".utf8.contains(quote) else { return nil }
        let secret = value.dropFirst().prefix(while: isAlphanumeric)
        return secret.count >= minimumLength && value.dropFirst(1 + secret.count).first == quote ? secret.indices : nil
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// The next letter or digit of the same kind.
    private static func other(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "9"): UInt8(ascii: "0")
        case UInt8(ascii: "Z"): UInt8(ascii: "A")
        case UInt8(ascii: "z"): UInt8(ascii: "a")
        default: byte + 1
        }
    }
}
