import OAuth2

/// What is known of one provider's failures.
struct Catalogue: Sendable {
    /// The first row that fits decides, so that the narrower come before the wider.
    let signatures: [SignatureRow]
    let causes: [Cause]

    init(signatures: [SignatureRow], causes: [Cause]) {
        self.signatures = signatures
        self.causes = causes
    }

    /// The provider's own; nil when it has none beyond what the standards say.
    static func own(_ provider: Provider) -> Catalogue? {
        switch provider {
        case .cognito: .cognito
        default: nil
        }
    }

    /// What `symptom` may come from, with its points: by the provider's own rows, else by the standards'.
    static func suspects(_ symptom: Symptom) -> [CauseID: Int] {
        let own = own(symptom.provider)?.signatures ?? []
        let row = (own + standard.signatures).first { $0.signature.fits(symptom) }
        return Dictionary(row?.causes.map { ($0.id, $0.points) } ?? []) { first, _ in first }
    }

    /// The cause as the provider has it, else as the standards have it.
    static func cause(_ id: CauseID, of provider: Provider) -> Cause? {
        own(provider)?.causes.first { $0.id == id } ?? standard.causes.first { $0.id == id }
    }

    /// Every cause that the provider's servers can bring about.
    static func causes(of provider: Provider) -> [Cause] {
        let own = own(provider)?.causes ?? []
        let ids = Set(own.map(\.id))
        return own + standard.causes.filter { !ids.contains($0.id) }
    }
}
