/// A cause of failures as its provider's server lets a client feel it.
package struct LaboratoryFault: Sendable {
    /// What must be there for it to show.
    package enum Need: String, Sendable {
        /// A client that is registered, with its true secret.
        case client

        /// A certificate that is as wrong as the fault says.
        case certificate
    }

    /// `PROVIDER_…`.
    package let name: String

    /// The configuration's word for the provider whose manner it has.
    package let provider: String

    /// The cause that a diagnosis is to find.
    package let cause: String

    /// What is wrong, in one sentence.
    package let summary: String

    /// The grants that fail; the first is the one to try.
    package let grants: [GrantType]

    /// What the client's configuration must say besides provider, token_endpoint, client_id, client_secret and grant.
    package let settings: [String]

    /// What else must be done for it to show, in sentences; empty when nothing must.
    package let setUp: String

    /// What the server must have been started with.
    package let needs: Set<Need>

    /// Whether a tokenbrokerd that is set up so meets it by itself.
    package let isMetByDaemon: Bool

    let manner: Manner
    let twist: Twist?
    let place: Place

    /// What the issuer's documents are answered with; nil for the documents.
    let issuerRefusal: Refusal?
    let clockOffset: Duration
    let basicEncoding: AcceptedBasicEncoding?

    /// Where a client is told to ask.
    enum Place: Sendable {
        case right

        /// At another path of this server, where there is nothing.
        case path(String)

        /// At another path, where the server listens, too.
        case alias(String)

        /// At a server that is not there.
        case elsewhere(String)
    }

    init(
        _ manner: Manner,
        _ suffix: String,
        cause: String,
        _ summary: String,
        _ twist: Twist?,
        grants: [GrantType] = [.clientCredentials, .refreshToken, .authorizationCode],
        settings: [String] = [],
        setUp: String = "",
        needs: Set<Need> = [],
        isMetByDaemon: Bool = true,
        place: Place = .right,
        issuerRefusal: Refusal? = nil,
        clockOffset: Duration = .zero,
        basicEncoding: AcceptedBasicEncoding? = nil
    ) {
        name = "\(manner.prefix)_\(suffix)"
        provider = manner.provider
        self.cause = cause
        self.summary = summary
        self.grants = grants
        self.settings = settings
        self.setUp = setUp
        self.needs = needs
        self.isMetByDaemon = isMetByDaemon
        self.manner = manner
        self.twist = twist
        self.place = place
        self.issuerRefusal = issuerRefusal
        self.clockOffset = clockOffset
        self.basicEncoding = basicEncoding
    }

    /// All of them, a provider's together.
    package static let all: [LaboratoryFault] =
        cognito + entra + google + keycloak + github + auth0 + okta + slack + salesforce + standard

    /// The fault of that name.
    package static func named(_ name: String) -> LaboratoryFault? { all.first { $0.name == name } }

    /// The names that are likest to one that there is not, the likest first.
    package static func names(near name: String) -> [String] {
        let sought = Set(name.lowercased().split(separator: "_"))
        let ranked = all.map { fault -> (name: String, common: Int, distance: Int) in
            let words = Set(fault.name.split(separator: "_"))
            return (fault.name, words.intersection(sought).count, editDistance(fault.name, name.lowercased()))
        }
        let near = ranked.filter { $0.common > 1 || $0.distance <= name.count / 3 }
        return near.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(nearCount).map(\.name)
    }

    /// What is read at a glance.
    private static let nearCount = 4

    /// Levenshtein's distance.
    private static func editDistance(_ one: String, _ other: String) -> Int {
        let other = Array(other)
        var row = Array(0...other.count)
        for (line, character) in one.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in other.indices {
                let substituted = diagonal + (character == other[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substituted, diagonal + 1, row[column] + 1)
            }
        }
        return row[other.count]
    }
}
