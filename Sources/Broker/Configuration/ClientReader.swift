import Diagnosis
import OAuth2
import TokenEndpoint
import TokenLifecycle

/// Reads one table `[clients.NAME]`.
struct ClientReader {
    let table: TableReader
    let source: SourceFile

    private var findings: Findings { table.findings }

    /// The client, or nil when something it cannot be without is missing or wrong; that is then reported.
    func read(name: ClientName) -> ClientConfiguration? {
        let provider: Written<Provider>? = table.choice("provider")
        let endpoints = ServerEndpointReader(table: table).read(provider)
        let profile = (provider?.value ?? .generic).profile
        let grant = GrantReader(table: table, source: source).read(profile)
        let logins = LoginReader(table: table, provider: provider?.value ?? .generic)
        let redirectURI = logins.readRedirectURI(grant.grant)
        if let grant = grant.grant, let endpoints { logins.checkEndpoints(grant, endpoints) }
        let authentication = AuthenticationReader(table: table, source: source)
            .read(profile, for: grant.grant ?? .clientCredentials)
        let clientID = readClientID(
            isNeeded: grant.grant != .jwtBearer || authentication.method != AuthenticationMethod.none
        )
        let target = readTarget()
        let parameters = readParameters()
        let policy = readPolicy(profile)
        let requestTimeout = readRequestTimeout()
        let caFile = table.string("ca_file")
        let proxy = table.string("proxy").flatMap { findings.proxy($0) }
        let revokesOnRemoval = readRevokeOnRemoval(grant.grant, endpoints)
        let allow = table.node("allow").map { AllowRuleReader(findings: findings).read($0) }
        table.refuseUnknown()

        guard let clientID, let endpoints, let method = authentication.method else { return nil }
        var client = ClientConfiguration(
            name: name,
            clientID: clientID,
            endpoint: endpoints.token,
            authentication: method,
            secrets: authentication.secrets
        )
        client.provider = provider?.value ?? .generic
        client.basicEncoding = authentication.basicEncoding
        client.assertion = authentication.assertion
        client.certificate = authentication.certificate
        client.grant = grant.grant ?? .clientCredentials
        client.redirectURI = redirectURI
        client.firstRefreshToken = grant.firstRefreshToken
        client.rotation = grant.rotation
        client.refreshTokenLifetime = grant.refreshTokenLifetime
        client.refreshTokenIdle = grant.refreshTokenIdle
        client.endpoints = endpoints.others
        client.revokeOnRemoval = revokesOnRemoval
        client.target = target
        client.parameters = parameters
        client.policy = policy
        client.requestTimeout = requestTimeout
        client.caFile = caFile.map { source.absolute($0.value) }
        client.proxy = proxy
        client.allow = allow
        findings.warn(client.settings().remarks, in: table)
        return client
    }

    // MARK: Who the client is

    /// - Parameter isNeeded: Whether nothing else in its requests says who it is.
    private func readClientID(isNeeded: Bool) -> String? {
        let written = table.string("client_id")
        if !table.has("client_id") {
            guard isNeeded else { return "" }
            findings.refuse(
                DottedKey.joined(table.key, "client_id"),
                at: table.place,
                "missing",
                remedy: "add client_id, as the authorization server shows it"
            )
        }
        guard let written else { return nil }
        // RFC 6749 appendix A.1: printable ASCII.
        guard written.value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            findings.refuse(written, "\(written.value.shown) is no client_id: RFC 6749 allows printable ASCII")
            return nil
        }
        if written.value.first == " " || written.value.last == " " {
            findings.warn(written, "begins or ends with a space")
        }
        return written.value
    }

    // MARK: What becomes of its grant

    private func readRevokeOnRemoval(_ grant: Grant?, _ endpoints: ServerEndpointReader.Endpoints?) -> Bool {
        guard let written = table.boolean("revoke_on_removal"), written.value else { return false }
        guard let grant else { return true }
        if grant.isClientsOwn {
            findings.warn(
                written,
                "not used, since grant = \(grant.name.shown) has nothing to revoke",
                remedy: "remove it"
            )
            return false
        }
        if let endpoints, case .tokenEndpoint = endpoints.token, endpoints.others[.revocation] == nil {
            findings.warn(
                written,
                "nothing is known to revoke the grant at, so that it will be deleted and be good until it ends",
                remedy: "add revocation_endpoint, or issuer in place of token_endpoint"
            )
        }
        return true
    }

    // MARK: What it asks for

    private func readTarget() -> TokenTarget {
        let scopes = table.strings("scopes")
        let resource = table.strings("resource")
        table.refuseEmptyList("scopes", remedy: "remove it to let the authorization server choose the scope")
        table.refuseEmptyList("resource", remedy: "remove it")
        return TokenTarget(
            scope: scopes.map { findings.scopes($0) } ?? .none,
            audience: table.string("audience")?.value,
            resource: resource.map { findings.resources($0) } ?? []
        )
    }

    private func readParameters() -> [FormParameter] {
        guard let parameters = table.table("parameters") else { return [] }
        return parameters.everyNode().compactMap { name, written -> FormParameter? in
            guard !name.isEmpty else {
                findings.refuse(written, "a parameter without a name")
                return nil
            }
            guard !TokenRequest.protocolParameters.contains(name) else {
                findings.refuse(
                    written,
                    "a parameter of the protocol, which the daemon sets itself",
                    remedy: Self.keyOf(name)
                )
                return nil
            }
            return findings.string(written).map { FormParameter(name: name, value: $0.value) }
        }
        .sorted { $0.name < $1.name }
    }

    /// The key that sets a parameter of the protocol.
    private static func keyOf(_ parameter: String) -> String {
        switch parameter {
        case "scope": "write scopes = [\"…\"]"
        case "grant_type": "write grant = \"…\""
        case "client_id", "client_secret", "refresh_token", "audience", "resource":
            "write \(parameter) in the client's own table"
        default: "remove it"
        }
    }

    // MARK: When it asks

    private func readPolicy(_ profile: ProviderProfile) -> RefreshPolicy {
        var policy = RefreshPolicy()
        policy.defaultLifetime = profile.unstatedLifetime ?? policy.defaultLifetime
        policy.refreshAt = profile.refreshAt ?? policy.refreshAt
        if let written = table.string("default_lifetime") {
            if written.value == "never" {
                policy.defaultLifetime = .never
            } else if let lifetime = findings.duration(written, within: Self.lifetimeBounds) {
                policy.defaultLifetime = .duration(lifetime)
            }
        }
        if let written = table.string("keep_warm") {
            switch written.value {
            case "always": policy.keepWarm = .always
            case "never": policy.keepWarm = .never
            default:
                findings.duration(written, within: Self.keepWarmBounds).map { policy.keepWarm = .during($0) }
            }
        }
        if let written = table.number("refresh_at") {
            if Self.refreshAtBounds.contains(written.value) {
                policy.refreshAt = written.value
            } else {
                findings.refuse(written, "\(written.value) is out of bounds", remedy: "write a part from 0.1 to 0.95")
            }
        }
        return policy
    }

    private func readRequestTimeout() -> Duration {
        table.string("request_timeout").flatMap { findings.duration($0, within: Self.timeoutBounds) }
            ?? ClientConfiguration.defaultRequestTimeout
    }

    private static let timeoutBounds = DurationBounds(
        range: ClientConfiguration.requestTimeoutBounds,
        text: "\"1s\" to \"5m\""
    )

    /// A lifetime of 2 s or less serves nobody twice; one beyond ten years is a slip.
    private static let lifetimeBounds = DurationBounds(
        range: .seconds(3) ... .seconds(3650 * 86_400),
        text: "\"3s\" to \"3650d\", or \"never\""
    )

    /// Below a second every caller would find the slot cold, which is `never`.
    private static let keepWarmBounds = DurationBounds(
        range: .seconds(1) ... .seconds(3650 * 86_400),
        text: "\"1s\" to \"3650d\", \"always\" or \"never\""
    )

    /// Earlier the server is asked many times for one lifetime; later the jitter of 0.05 reaches the token's end.
    private static let refreshAtBounds = 0.1...0.95
}
