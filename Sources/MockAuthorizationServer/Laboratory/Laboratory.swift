/// A server in a provider's manner, with one fault or none.
struct Laboratory: Sendable {
    let manner: Manner
    let fault: LaboratoryFault?

    /// How many tokens were granted since the fault began.
    var granted = 0

    /// The codes that came in token requests.
    var presentedCodes: Set<String> = []

    init(_ manner: Manner, _ fault: LaboratoryFault? = nil) {
        self.manner = manner
        self.fault = fault
    }

    /// How a Basic header is read; nil as the server is set up.
    var encoding: AcceptedBasicEncoding? { fault?.basicEncoding }

    /// Where things are: as the server itself has them, and as the provider has them.
    func paths(_ own: EndpointPaths) -> EndpointPaths {
        var paths = own
        paths.provided = manner.paths
        if let path = manner.issuerPath, !path.isEmpty {
            paths.providedIssuerPath = path
            paths.provided[.openIDConfiguration] = path + "/.well-known/openid-configuration"
            paths.provided[.metadata] = "/.well-known/oauth-authorization-server" + path
        }
        if case .alias(let path) = fault?.place { paths.provided[.token] = path }
        if case .elsewhere(let url) = fault?.place { paths.metadataTokenEndpoint = url }
        return paths
    }

    /// The token endpoint that a client is to be given.
    func tokenEndpoint(_ own: EndpointPaths) -> String {
        switch fault?.place {
        case .path(let path): own.origin + path
        case .elsewhere(let url): url
        case .right, .alias, nil: paths(own).url(.token)
        }
    }

    /// The fault's words, when it lies at `stage` and the request is one that fails there.
    func refusal(at stage: Stage, for arrival: Arrival) -> Refusal? {
        guard let twist = fault?.twist, twist.stage == stage, twist.condition.holds(for: arrival, in: self) else {
            return nil
        }
        return switch twist.words {
        case .manner(let objection): manner.refusal(objection)
        case .own(let refusal): refusal
        }
    }

    /// Whether the fault lies in a secret, so that its client has one and is nobody without, registered or not.
    var isOfSecret: Bool {
        guard let twist = fault?.twist, twist.stage == .proof else { return false }
        return Condition.ofSecrets.contains(twist.condition)
    }

    /// Whether an identifier or a secret says that it was made up, which is all that can be known where nobody is
    /// registered.
    static func isMadeUp(_ text: String) -> Bool {
        let text = text.lowercased()
        return text.hasPrefix("made-up") || text.hasPrefix("unknown")
    }
}
