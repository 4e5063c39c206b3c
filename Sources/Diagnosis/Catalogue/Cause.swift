import OAuth2

/// What can be behind a failure, and what to do about it.
package struct Cause: Sendable {
    package let id: CauseID

    /// One sentence; `{section}`, `{client}` and `{words}` stand as in `ExplanationRow`.
    let summary: String

    /// One imperative sentence.
    let remedy: String

    /// Where the operator sees whether it is so: a page of the provider's console, an entry of its log; nil when nowhere.
    let lookUp: String?

    /// What speaks for it, and what against it, in points; see `Points`.
    let evidence: [Finding: Int]

    /// The causes that nothing on this side of the wire tells from it.
    let alike: Set<CauseID>

    init(
        _ id: CauseID,
        _ summary: String,
        remedy: String,
        lookUp: String? = nil,
        evidence: [Finding: Int] = [:],
        alike: Set<CauseID> = []
    ) {
        self.id = id
        self.summary = summary
        self.remedy = remedy
        self.lookUp = lookUp
        self.evidence = evidence
        self.alike = alike
    }

    /// The same where a provider's console has it, with what mends it there; nil for what stays.
    func at(_ place: String?, remedy ownRemedy: String?) -> Cause {
        guard place != nil || ownRemedy != nil else { return self }
        return Cause(
            id,
            summary,
            remedy: ownRemedy ?? remedy,
            lookUp: place ?? lookUp,
            evidence: evidence,
            alike: alike
        )
    }
}

/// How much a signature or a finding counts.
enum Points {
    /// What only this cause brings about.
    static let proof = 100

    /// What this cause brings about, and few others.
    static let support = 40

    /// What goes with this cause as with others.
    static let hint = 15

    /// What this cause seldom goes with.
    static let doubt = -40

    /// What this cause cannot go with.
    static let disproof = -100
}
