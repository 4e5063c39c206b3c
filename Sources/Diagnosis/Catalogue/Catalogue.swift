import OAuth2

/// What is known of one provider's failures.
struct Catalogue: Sendable {
    /// The first row that fits decides, so that the narrower come before the wider.
    let signatures: [SignatureRow]

    /// Causes that are otherwise at this provider than the standards have them.
    let causes: [Cause]

    /// Where its operators see whether a cause is it.
    let places: [CauseID: String]

    /// What mends a cause there, where its console has a word for it.
    let remedies: [CauseID: String]

    init(
        signatures: [SignatureRow],
        causes: [Cause] = [],
        places: [CauseID: String] = [:],
        remedies: [CauseID: String] = [:]
    ) {
        self.signatures = signatures
        self.causes = causes
        self.places = places
        self.remedies = remedies
    }

    /// The provider's own; nil when it has none beyond what the standards say.
    static func own(_ provider: Provider) -> Catalogue? {
        switch provider {
        case .generic: nil
        case .cognito: .cognito
        case .entra: .entra
        case .google: .google
        case .keycloak: .keycloak
        case .github: .github
        case .auth0: .auth0
        case .okta: .okta
        case .slack: .slack
        case .salesforce: .salesforce
        }
    }

    /// What `symptom` may come from, with its points: by the provider's own rows, else by the standards'.
    static func suspects(_ symptom: Symptom) -> [CauseID: Int] {
        let own = own(symptom.provider)?.signatures ?? []
        return suspects(symptom, among: own + standard.signatures)
    }

    /// What is left to suspect where no row fits.
    static func guesses(_ symptom: Symptom) -> [CauseID: Int] { suspects(symptom, among: guesses) }

    /// By the first row that fits; while the grant is not known, by those of each grant before it as well.
    private static func suspects(_ symptom: Symptom, among rows: [SignatureRow]) -> [CauseID: Int] {
        let look = Signature.Look(symptom)
        var suspects: [CauseID: Int] = [:]
        for row in rows where row.signature.fits(look) {
            let rarity = symptom.grant == nil ? rarity(of: row.signature.grants) : 0
            suspects.merge(row.causes.map { ($0.id, $0.points - rarity) }) { max($0, $1) }
            if row.signature.grants == nil || symptom.grant != nil { break }
        }
        return suspects
    }

    /// What a row for `grants` alone is behind one for refresh tokens while nobody knows what was presented: those are
    /// presented most, and by people who wonder.
    private static func rarity(of grants: Set<Grant>?) -> Int {
        guard let grants, !grants.contains(.refreshToken) else { return 0 }
        return grants.isSubset(of: [.jwtBearer, .deviceCode]) ? 40 : Points.hint
    }

    /// The cause as the provider has it, else as the standards have it.
    static func cause(_ id: CauseID, of provider: Provider) -> Cause? {
        causes(of: provider).first { $0.id == id }
    }

    /// Every cause that the provider's servers can bring about.
    static func causes(of provider: Provider) -> [Cause] { tables[provider] ?? standard.causes }

    private static let tables = Dictionary(
        uniqueKeysWithValues: Provider.allCases.map { ($0, (own($0) ?? Catalogue(signatures: [])).completed) }
    )

    /// The causes of its own before those of the standards, each as it is here.
    private var completed: [Cause] {
        let ids = Set(causes.map(\.id))
        return (causes + Catalogue.standard.causes.filter { !ids.contains($0.id) }).map { cause in
            cause.at(places[cause.id], remedy: remedies[cause.id])
        }
    }
}
