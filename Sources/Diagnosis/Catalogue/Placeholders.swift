import OAuth2

/// What stands in the place of `{section}`, `{client}` and `{words}`.
struct Placeholders {
    private let section: String
    private let client: String
    private let words: String?

    /// - Parameters:
    ///   - client: Nil where no client is named.
    ///   - failure: What `{words}` are of; nil where nothing failed.
    init(client: ClientName?, failure: TokenEndpointFailure?) {
        // A dot would divide a TOML key.
        section =
            client.map { $0.value.contains(".") ? "[clients.\"\($0)\"]" : "[clients.\($0)]" } ?? "the client's section"
        self.client = client?.value ?? "CLIENT"
        words = failure?.serverWords
    }

    /// `text` with what they stand for; the server's words last, so that nothing in them is replaced.
    func fill(_ text: String) -> String {
        Placeholders.fill(
            text.replacing(ExplanationRow.section, with: section).replacing(ExplanationRow.client, with: client),
            words: words
        )
    }

    /// `text` with `words` in their place; without the place where there are none.
    private static func fill(_ text: String, words: String?) -> String {
        guard let words else {
            return text.replacing(": \(ExplanationRow.words)", with: "")
                .replacing(" (\(ExplanationRow.words))", with: "")
        }
        return text.replacing(ExplanationRow.words, with: words)
    }
}
