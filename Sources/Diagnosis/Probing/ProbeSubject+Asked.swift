import OAuth2

extension ProbeSubject {
    /// What `probe` asks, in one sentence without a full stop.
    func asked(_ probe: Probe) -> String {
        switch probe {
        case .name: "the addresses of \(host)"
        case .connection: "a connection to \(hostAndPort)\(usesProxy ? " through the proxy" : ""), and its certificate"
        case .metadata: "GET the metadata of the issuer, past the cache"
        case .keys: "GET the issuer's keys (jwks_uri)"
        case .fakeRefreshToken, .fakeCode, .asConfigured, .withoutScope:
            "POST \(endpoint) with \(presented(probe)), authenticated as configured (\(configuredMethod))"
        case .variant(let variant):
            "POST \(endpoint) with \(presented(probe)), authenticated otherwise (\(variant.words(of: secretCount)))"
        case .madeUpSecret:
            "POST \(endpoint) with \(presented(probe)), authenticated with a made-up secret (\(configuredMethod))"
        case .madeUpClient:
            "POST \(endpoint) with \(presented(probe)), as a made-up client_id (\(configuredMethod))"
        }
    }

    private func presented(_ probe: Probe) -> String {
        switch presentation(of: probe) {
        case nil: "nothing"
        case .fakeRefreshToken: "grant_type=refresh_token and a made-up token"
        case .fakeCode: "grant_type=authorization_code and a made-up code"
        case .ownAuthority:
            "grant_type=\(grant.type)" + (probe == .withoutScope ? " and no scope" : hasScope ? " and its scope" : "")
        }
    }

    private var endpoint: String { tokenEndpoint?.textWithoutQuery ?? "the token endpoint" }
    private var host: String { tokenEndpoint?.host ?? "the issuer's host" }
    private var hostAndPort: String {
        tokenEndpoint.map { $0.host.contains(":") ? "[\($0.host)]:\($0.port)" : "\($0.host):\($0.port)" }
            ?? "the issuer's host"
    }

    private var configuredMethod: String {
        switch method {
        case .clientSecretBasic:
            "client_secret_basic, \(basicEncoding == .raw ? "raw" : "form-encoded")"
        case .none: "none, by client_id alone"
        default: method.rawValue
        }
    }
}

extension AuthenticationVariant {
    /// How it is told to people; which secret, only where there are several.
    func words(of secretCount: Int) -> String {
        let way =
            switch form {
            case .basicForm: "client_secret_basic, form-encoded"
            case .basicRaw: "client_secret_basic, raw"
            case .body: "client_secret_post"
            case .none: "none, by client_id alone"
            }
        guard let secret, secretCount > 1 else { return way }
        return "\(way), secret \(secret + 1) of \(secretCount)"
    }

    /// The lines of the configuration that say so.
    var setting: String {
        switch form {
        case .basicForm: "client_authentication = \"client_secret_basic\", basic_encoding = \"form\""
        case .basicRaw: "client_authentication = \"client_secret_basic\", basic_encoding = \"raw\""
        case .body: "client_authentication = \"client_secret_post\""
        case .none: "client_authentication = \"none\""
        }
    }
}
