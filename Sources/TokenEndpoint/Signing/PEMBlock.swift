import FoundationEssentials

/// One block of a PEM file (RFC 7468), with what it holds not yet read.
struct PEMBlock {
    /// What stands after BEGIN.
    let label: String

    /// Whether a passphrase is needed, by its label or by the header of older files (RFC 1421 §4.6.1.1).
    let isEncrypted: Bool

    /// What the base64 stands for; nil when it is none, or the block has no end.
    let contents: Data?

    /// The blocks of `text` in their order; what stands between them is a comment.
    static func blocks(in text: String) -> [PEMBlock] {
        var blocks: [PEMBlock] = []
        var label: String?
        var lines: [Substring] = []
        for line in text.split(whereSeparator: \.isNewline) {
            if let begun = name(in: line, after: "-----BEGIN ") {
                label = begun
                lines = []
            } else if let open = label, name(in: line, after: "-----END ") == open {
                blocks.append(PEMBlock(label: open, lines: lines))
                label = nil
            } else {
                lines.append(line)
            }
        }
        if let label { blocks.append(PEMBlock(label: label, lines: lines, isWhole: false)) }
        return blocks
    }

    private init(label: String, lines: [Substring], isWhole: Bool = true) {
        let headers = lines.filter { $0.contains(":") }
        let base64 = lines.filter { !$0.contains(":") }.joined().filter { !$0.isWhitespace }
        self.label = label
        isEncrypted = label.hasPrefix("ENCRYPTED ") || headers.contains { $0.contains("ENCRYPTED") }
        contents = isWhole && !base64.isEmpty ? Data(base64Encoded: base64) : nil
    }

    private static func name(in line: Substring, after prefix: String) -> String? {
        let line = line.drop(while: \.isWhitespace)
        guard line.hasPrefix(prefix) else { return nil }
        let rest = line.dropFirst(prefix.count)
        guard let end = rest.firstRange(of: "-----") else { return nil }
        return String(rest[..<end.lowerBound])
    }
}
