import OAuth2

/// What stands in the place of `{section}`, `{client}` and `{words}`.
struct Placeholders {
    private let section: String
    private let client: String
    private let words: String

    /// - Parameters:
    ///   - client: Nil where no client is named.
    ///   - failure: What `{words}` are of; nil where nothing failed.
    init(client: ClientName?, failure: TokenEndpointFailure?) {
        // A dot would divide a TOML key.
        section =
            client.map { $0.value.contains(".") ? "[clients.\"\($0)\"]" : "[clients.\($0)]" } ?? "the client's section"
        self.client = client?.value ?? "CLIENT"
        words = failure?.serverWords ?? "nothing more is known"
    }

    /// `text` with what they stand for; the server's words last, so that nothing in them is replaced.
    func fill(_ text: String) -> String {
        text.replacing(ExplanationRow.section, with: section)
            .replacing(ExplanationRow.client, with: client)
            .replacing(ExplanationRow.words, with: words)
    }
}
