/// Text in lines of a terminal's width, broken between words.
struct WrappedText {
    /// More is hard to read, and pages are made for no more.
    static let usualWidth = 100

    /// Fewer would leave nothing beside the indentation.
    static let narrowestWidth = 24

    let width: Int

    /// - Parameter columns: The terminal's; nil where there is none.
    init(columns: Int?) {
        width = min(max(columns ?? Self.usualWidth, Self.narrowestWidth), Self.usualWidth)
    }

    /// The lines of `text`, which begin with `first` and then with `rest`; a word is never broken, since it may be an
    /// address to be copied.
    func lines(_ text: String, first: String = "", rest: String? = nil) -> [String] {
        let rest = rest ?? String(repeating: " ", count: first.count)
        var lines: [String] = []
        var line = first
        var length = first.count
        var isFresh = true
        for word in text.split(separator: " ") {
            let more = word.count
            if !isFresh, length + 1 + more > width {
                lines.append(line)
                line = rest
                length = rest.count
                isFresh = true
            }
            if !isFresh {
                line += " "
                length += 1
            }
            line += word
            length += more
            isFresh = false
        }
        return lines + [line]
    }
}
