/// A server's words made fit for a log and a terminal: printable, short, and without anything that may be a token.
enum ServerWords {
    /// What stands in the place of a token.
    static let mask = "[masked]"

    /// Beyond what can be shown, masks included, so that a large body costs little.
    private static let maximumInput = 4_000

    /// Shorter values are no secrets, and hiding them would tear words apart.
    private static let minimumHidden = 4

    /// The words of `text`, `secrets` hidden wherever they stand; nil when nothing is left.
    static func printable(
        _ text: some StringProtocol,
        hiding secrets: [String] = [],
        maximumBytes: Int = TokenEndpointFailure.maximumWords
    ) -> String? {
        var words = clean(beginning(of: text))
        // The longest first: a secret may begin with another.
        for secret in secrets.map(clean).sorted(by: { $0.utf8.count > $1.utf8.count })
        where secret.utf8.count >= minimumHidden {
            // By scalars: as characters, a secret with an accent upon its end would be another text.
            words = String(words.unicodeScalars.replacing(secret.unicodeScalars, with: mask.unicodeScalars))
        }
        words = cut(TokenMask.applied(to: words), to: maximumBytes)
        return words.isEmpty ? nil : words
    }

    /// The words of `text` as they are, for what is known to be no secret; nil when nothing is left.
    static func legible(_ text: String, maximumBytes: Int) -> String? {
        let words = cut(clean(beginning(of: text)), to: maximumBytes)
        return words.isEmpty ? nil : words
    }

    /// The first `maximumInput` bytes; a word that the limit cuts is left out, as half a token would not be masked.
    private static func beginning(of text: some StringProtocol) -> String {
        guard text.utf8.count > maximumInput else { return String(text) }
        var bytes = Array(text.utf8.prefix(maximumInput))
        while let last = bytes.popLast(), last != UInt8(ascii: " "), last != UInt8(ascii: "\n") {}
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `text` with one space for every run of white space and control characters, and without what is invisible or
    /// turns the direction of writing.
    private static func clean(_ text: String) -> String {
        var cleaned = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator:
                if let last = cleaned.last, last != " " { cleaned.append(" ") }
            case .format, .surrogate, .privateUse, .unassigned:
                continue
            default:
                // What ill-formed UTF-8 was repaired to.
                if scalar != "\u{FFFD}" { cleaned.append(scalar) }
            }
        }
        if cleaned.last == " " { cleaned.removeLast() }
        return String(cleaned)
    }

    private static func cut(_ words: String, to maximumBytes: Int) -> String {
        guard words.utf8.count > maximumBytes else { return words }
        let ellipsis = "…"
        var kept = ""
        var bytes = ellipsis.utf8.count
        for scalar in words.unicodeScalars {
            bytes += UTF8.width(scalar)
            guard bytes <= maximumBytes else { break }
            kept.unicodeScalars.append(scalar)
        }
        return kept + ellipsis
    }
}
