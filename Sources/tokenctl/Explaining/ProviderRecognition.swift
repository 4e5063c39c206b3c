import OAuth2

/// Whose answer it is, by what is nobody else's.
struct ProviderRecognition {
    let provider: Provider

    /// What it was recognised by.
    let sign: String

    /// Nil when it may be anybody's.
    init?(_ response: PastedResponses.Response, host: String?) {
        if let host, let url = try? EndpointURL("https://\(host)/"), let provider = Provider(recognizing: url) {
            self.init(provider, "the host \(url.host)")
            return
        }
        for provider in Provider.allCases {
            let names = [provider.profile.requestIDHeader].compactMap(\.self) + (Self.headers[provider] ?? [])
            if let name = names.first(where: { response.header($0) != nil }) {
                self.init(provider, "the header \(name)")
                return
            }
        }
        let beginning = response.body.prefix(Self.searched)
        for (provider, words) in Self.words {
            if let word = words.first(where: { beginning.contains(Array($0.utf8)) }) {
                self.init(provider, "the \(word) in its body")
                return
            }
        }
        return nil
    }

    private init(_ provider: Provider, _ sign: String) {
        self.provider = provider
        self.sign = sign
    }

    /// Those besides the one that names the request.
    private static let headers: [Provider: [String]] = [
        .entra: ["x-ms-ests-server"], .github: ["x-github-media-type"], .auth0: ["x-auth0-l"],
    ]

    /// Error texts are short.
    private static let searched = 16_384

    private static let words: [(Provider, [String])] = [
        (.entra, ["AADSTS", "login.microsoftonline.com"]),
        (.github, ["docs.github.com", "developer.github.com"]),
        (.google, ["\"error_subtype\"", "accounts.google.com"]),
        (.okta, ["\"errorSummary\""]),
    ]
}
