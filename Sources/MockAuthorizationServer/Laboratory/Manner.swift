/// How a provider's server answers when all is well, and how it words a refusal.
struct Manner: Sendable {
    /// What the names of its faults begin with.
    let prefix: String

    /// The configuration's word for the provider.
    let provider: String
    let envelope: Envelope

    /// What is said to an objection; one that is missing is said as its coarser.
    let refusals: [Objection: Refusal]

    /// What is said at a path where there is nothing.
    let nothingThere: Refusal

    /// Where its endpoints are.
    let paths: [Endpoint: String]

    /// The path of its issuer; nil when it has none that could be asked.
    let issuerPath: String?

    init(
        _ prefix: String,
        provider: String? = nil,
        envelope: Envelope = Envelope(),
        paths: [Endpoint: String] = [:],
        issuerPath: String? = "",
        nothingThere: Refusal = .page(404, "", "", word: "not_found"),
        refusals: [Objection: Refusal]
    ) {
        self.prefix = prefix
        self.provider = provider ?? prefix
        self.envelope = envelope
        self.paths = paths
        self.issuerPath = issuerPath
        self.nothingThere = nothingThere
        self.refusals = refusals
    }

    /// All of them.
    static let all: [Manner] = [
        .standard, .cognito, .entra, .google, .keycloak, .oldKeycloak, .github, .auth0, .okta, .slack, .salesforce,
    ]

    /// Its words for `objection`; what it has none for, RFC 6749 has.
    func refusal(_ objection: Objection) -> Refusal {
        var sought: Objection? = objection
        while let next = sought {
            if let refusal = refusals[next] { return refusal }
            sought = next.coarser
        }
        return Manner.standard.refusals[objection] ?? Refusal(400, "invalid_request")
    }
}
