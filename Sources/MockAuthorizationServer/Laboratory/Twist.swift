/// At which of a server's checks a fault lies, in their order.
enum Stage: Sendable {
    /// Something before the server answers in its place, whatever is asked.
    case way

    /// Something before the token endpoint answers in its place.
    case gateway

    /// Who the client is, before its secret is looked at.
    case client

    /// The client's proof, which the server would otherwise take.
    case proof
    case grant
    case scope

    /// A refresh token, a code or an assertion that the server would otherwise take.
    case presented
}

/// When a check fails that a fault lies at.
enum Condition: Sendable, Equatable {
    case always

    /// The secret has white space around it, or in it.
    case secretHasWhiteSpace
    case secretMissing
    case secretPresent
    case secretIsUUID

    /// The client proves itself with a secret in the body.
    case secretInBody

    /// The client proves itself with a Basic header.
    case secretInHeader

    /// The client proves itself with an assertion, or the assertion is the grant.
    case assertionPresent
    case grant([GrantType])

    /// A token was granted under this fault.
    case afterFirstToken
    case scopeAsked
    case scopeMissing

    /// Only for people: `openid`, `profile` and such.
    case scopeOfPerson

    /// A scope of no resource server's identifier.
    case scopeWithoutIdentifier

    /// Another scope than a resource's `.default`.
    case scopeNotDefault
    case targetAsked

    /// Neither JSON nor everything may be answered.
    case acceptWithoutJSON

    /// A code that came the first time.
    case firstPresentation
}

/// Where a server answers otherwise than it should, and with which words.
struct Twist: Sendable {
    var stage: Stage
    var condition: Condition
    var words: Words

    enum Words: Sendable {
        /// The words that the provider has for it.
        case manner(Objection)
        case own(Refusal)
    }

    static func at(_ stage: Stage, _ objection: Objection, when condition: Condition = .always) -> Twist {
        Twist(stage: stage, condition: condition, words: .manner(objection))
    }

    static func at(_ stage: Stage, _ refusal: Refusal, when condition: Condition = .always) -> Twist {
        Twist(stage: stage, condition: condition, words: .own(refusal))
    }
}

extension Condition {
    /// The scopes of OpenID Connect, and those that Cognito has for people.
    private static let personScopes: Set = [
        "openid", "profile", "email", "phone", "address", "offline_access", "aws.cognito.signin.user.admin",
    ]

    /// Those of clients that have a secret.
    static let ofSecrets: [Condition] = [
        .secretHasWhiteSpace, .secretMissing, .secretPresent, .secretIsUUID, .secretInBody, .secretInHeader,
        .afterFirstToken,
    ]

    /// Whether a request is one that fails.
    func holds(for arrival: Arrival, in laboratory: Laboratory) -> Bool {
        let credentials = try? arrival.credentials.get()
        let secret = credentials?.secret
        let scopes = (arrival.form?["scope"] ?? "").split(separator: " ").map(String.init)
        return switch self {
        case .always: true
        case .secretHasWhiteSpace: secret?.contains(where: \.isWhitespace) ?? false
        case .secretMissing: credentials?.method == SeenAuthentication.none
        case .secretPresent: secret != nil
        case .secretIsUUID: secret.map(Condition.isUUID) ?? false
        case .secretInBody: credentials?.method == .clientSecretPost
        case .secretInHeader: credentials?.method == .clientSecretBasic
        case .assertionPresent: credentials?.assertion != nil || arrival.form?["assertion"] != nil
        case .grant(let grants): grants.contains { $0.rawValue == arrival.request.grant }
        case .afterFirstToken: laboratory.granted > 0
        case .scopeAsked: !scopes.isEmpty
        case .scopeMissing: scopes.isEmpty
        case .scopeOfPerson: scopes.contains(where: Condition.personScopes.contains)
        case .scopeWithoutIdentifier: scopes.contains { !$0.contains("/") }
        case .scopeNotDefault: scopes.contains { !$0.hasSuffix("/.default") }
        case .targetAsked: arrival.form?["resource"] != nil || arrival.form?["audience"] != nil
        case .acceptWithoutJSON:
            !(arrival.request.header("Accept") ?? "*/*").split(separator: ",").contains { part in
                let type = part.split(separator: ";").first.map { $0.filter { !$0.isWhitespace }.lowercased() }
                return ["application/json", "application/*", "*/*"].contains(type ?? "")
            }
        case .firstPresentation: arrival.form?["code"].map { !laboratory.presentedCodes.contains($0) } ?? false
        }
    }

    private static func isUUID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12] && parts.joined().allSatisfy(\.isHexDigit)
    }
}
