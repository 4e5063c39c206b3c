import OAuth2

/// Reads what a login takes: where a person logs in, and where the browser is sent back to.
struct LoginReader {
    let table: TableReader
    let provider: Provider

    private var findings: Findings { table.findings }

    /// The redirect URI of a client whose grant a browser brings; nil for others, which have no use for one.
    func readRedirectURI(_ grant: Grant?) -> String? {
        guard grant == .authorizationCode else {
            if let grant, let written = table.node(Self.redirectURI) {
                findings.refuse(
                    written,
                    "grant = \(grant.name.shown) has no use for it",
                    remedy: "write grant = \(Grant.authorizationCode.name.shown), or remove it"
                )
            }
            // What a grant that nobody knows takes is not known either.
            _ = table.node(Self.redirectURI)
            return nil
        }
        guard let written = table.string(Self.redirectURI) else {
            if !table.has(Self.redirectURI), provider.profile.redirectMatching == .exact { refuseAnyPort(nil) }
            return preset
        }
        do throws(RedirectURI.Refusal) {
            check(try RedirectURI(written.value), written)
        } catch {
            findings.refuse(written, Self.problem(error, written.value), remedy: Self.remedy(error))
        }
        return written.value
    }

    /// Where it is when the operator does not say.
    private var preset: String {
        // A literal, as a resolver may send a name elsewhere (RFC 8252 §8.3).
        let host = provider.profile.redirectMatching == .anyLocalhostPort ? "localhost" : "127.0.0.1"
        return "http://\(host):0/callback"
    }

    private func check(_ uri: RedirectURI, _ written: Written<String>) {
        guard uri.isLoopback else { return }
        switch provider.profile.redirectMatching {
        case .exact:
            if uri.port == nil { refuseAnyPort(written) }
        case .anyLocalhostPort:
            if uri.port == nil, !uri.isLocalhost {
                findings.warn(
                    written,
                    "provider = \(provider.rawValue.shown) takes any port of localhost alone",
                    remedy: "write it with localhost, or with the port that is registered"
                )
            }
        case .anyLoopbackPort:
            if uri.isLocalhost {
                findings.warn(
                    written,
                    "a resolver may send localhost elsewhere (RFC 8252 §8.3)",
                    remedy: "write 127.0.0.1, and register it so"
                )
            }
        }
    }

    private func refuseAnyPort(_ written: Written<String>?) {
        let (problem, remedy) = (
            "provider = \(provider.rawValue.shown) compares redirect URIs byte for byte, so the port must be a fixed one",
            "write redirect_uri with its port, as it is registered"
        )
        if let written {
            findings.refuse(written, problem, remedy: remedy)
        } else {
            let key = DottedKey.joined(table.key, Self.redirectURI)
            findings.refuse(key, at: table.place, "missing: \(problem)", remedy: remedy)
        }
    }

    private static func problem(_ refusal: RedirectURI.Refusal, _ text: String) -> String {
        switch refusal {
        case .malformed: "\(text.shown) is no absolute URI"
        case .fragment: "a redirect URI has no fragment (RFC 6749 §3.1.2)"
        case .notLoopback: "over http the code could be read on the way to another machine (RFC 8252 §8.3)"
        case .port: "\(text.shown) names no port from 0 to 65535"
        }
    }

    private static func remedy(_ refusal: RedirectURI.Refusal) -> String {
        switch refusal {
        case .malformed: "write it with its scheme, like \"http://127.0.0.1:0/callback\""
        case .fragment: "remove what follows the #"
        case .notLoopback: "write 127.0.0.1, [::1] or localhost, or https://…"
        case .port: "write port 0 for any"
        }
    }

    // MARK: Endpoints

    /// Reports the endpoint that the login needs and nobody can tell, and those that are written in vain.
    func checkEndpoints(_ grant: Grant, _ endpoints: ServerEndpointReader.Endpoints) {
        for (kind, user) in [
            (EndpointKind.authorization, Grant.authorizationCode), (.deviceAuthorization, .deviceCode),
        ] {
            if grant != user {
                guard table.has(kind.rawValue), let written = table.string(kind.rawValue) else { continue }
                findings.warn(
                    written,
                    "not used, since grant = \(grant.name.shown) asks nobody there",
                    remedy: "write grant = \(user.name.shown), or remove it"
                )
            } else if case .tokenEndpoint = endpoints.token, endpoints.others[kind] == nil, !table.has(kind.rawValue) {
                findings.refuse(
                    DottedKey.joined(table.key, kind.rawValue),
                    at: table.place,
                    "missing, and grant = \(grant.name.shown) begins there",
                    remedy: "add \(kind.rawValue), or issuer in place of token_endpoint for discovery"
                )
            }
        }
    }

    static let redirectURI = "redirect_uri"
}
