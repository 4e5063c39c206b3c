import OAuth2

/// Reads where a client's token endpoint is: named, discovered, or known of its provider.
struct ServerEndpointReader {
    /// Where a client's server is asked.
    struct Endpoints {
        let token: ServerEndpoint

        /// The others, as far as they are written, or known of the provider whose token endpoint it is.
        var others: [EndpointKind: EndpointURL] = [:]
    }

    let table: TableReader

    private var findings: Findings { table.findings }

    /// The endpoints, or nil when the token endpoint cannot be told; that is then reported.
    func read(_ provider: Written<Provider>?) -> Endpoints? {
        let written = readOthers()
        guard var endpoints = readToken(provider) else { return nil }
        endpoints.others.merge(written) { _, written in written }
        return endpoints
    }

    private func readOthers() -> [EndpointKind: EndpointURL] {
        Self.others.reduce(into: [:]) { endpoints, kind in
            endpoints[kind] = table.string(kind.rawValue).flatMap { findings.endpoint($0) }
        }
    }

    /// All but those that say where tokens are asked for.
    private static let others = EndpointKind.allCases.filter { $0 != .token && $0 != .issuer }

    private func readToken(_ provider: Written<Provider>?) -> Endpoints? {
        let tokenEndpoint = table.string("token_endpoint")
        let issuer = table.string("issuer")
        // What a provider that nobody knows takes is not known either.
        let settings = isProviderUnknown(provider) ? [] : readSettings(provider)
        guard table.has("token_endpoint") || table.has("issuer") else {
            return isProviderUnknown(provider) ? nil : preset(provider, settings)
        }
        for setting in settings {
            findings.warn(
                setting.written,
                "not used, since \(tokenEndpoint == nil ? "issuer" : "token_endpoint") is given",
                remedy: "remove one of them"
            )
        }
        let tokenURL = tokenEndpoint.flatMap { findings.endpoint($0) }
        let issuerURL = issuer.flatMap { findings.endpoint($0) }
        if let issuer, let issuerURL, issuerURL.query != nil {
            findings.refuse(issuer, "an issuer has no query (RFC 8414)", remedy: "remove what follows the ?")
            return nil
        }
        if let issuer, tokenEndpoint != nil {
            findings.warn(issuer, "not used, since token_endpoint is given", remedy: "remove one of them")
        }
        return (tokenURL.map { .tokenEndpoint($0) } ?? issuerURL.map { .issuer($0) }).map { Endpoints(token: $0) }
    }

    private func isProviderUnknown(_ provider: Written<Provider>?) -> Bool {
        guard provider == nil, table.has("provider") else { return false }
        for setting in ServerSetting.allCases { _ = table.node(setting.rawValue) }
        return true
    }

    private typealias Setting = (setting: ServerSetting, written: Written<String>)

    /// What tells this authorization server from others of its provider, as far as it can be used.
    private func readSettings(_ provider: Written<Provider>?) -> [Setting] {
        let profile = (provider?.value ?? .generic).profile
        return ServerSetting.allCases.compactMap { setting -> Setting? in
            guard let written = table.string(setting.rawValue) else { return nil }
            guard profile.settings.contains(setting) else {
                let name = (provider?.value ?? .generic).rawValue
                findings.refuse(
                    written,
                    "provider = \"\(name)\" has no use for it",
                    remedy: profile.settings.isEmpty
                        ? "name token_endpoint or issuer" : "it takes \(Self.list(profile.settings))"
                )
                return nil
            }
            guard setting.accepts(written.value) else {
                findings.refuse(
                    written,
                    "\(written.value.shown) cannot stand in an endpoint's URL",
                    remedy: setting == .domain
                        ? "write the host alone, without https:// and path" : "write it as the provider shows it"
                )
                return nil
            }
            return (setting, written)
        }
    }

    private func preset(_ provider: Written<Provider>?, _ settings: [Setting]) -> Endpoints? {
        let profile = (provider?.value ?? .generic).profile
        let given = Dictionary(uniqueKeysWithValues: settings.map { ($0.setting, $0.written.value) })
        do throws(ServerSettingError) {
            if let url = try profile.endpoint(.token, given) {
                var endpoints = Endpoints(token: .tokenEndpoint(url))
                // What takes a setting that the token endpoint does not take may be left unknown.
                for kind in Self.others { endpoints.others[kind] = try? profile.endpoint(kind, given) }
                return endpoints
            }
        } catch {
            // What was refused is not missing.
            guard settings.count == ServerSetting.allCases.filter({ table.has($0.rawValue) }).count else { return nil }
            // What names the issuer may be there where what names the endpoint is not.
            let isIssuerNamed = given[.userPool] != nil && given[.domain] == nil
            if isIssuerNamed, let url = try? profile.endpoint(.issuer, given) { return Endpoints(token: .issuer(url)) }
            refuse(error, provider, settings)
            return nil
        }
        findings.refuse(
            DottedKey.joined(table.key, "token_endpoint"),
            at: table.place,
            "missing",
            remedy: "add token_endpoint, or issuer for discovery, or provider with what it takes"
        )
        return nil
    }

    private func refuse(_ error: ServerSettingError, _ provider: Written<Provider>?, _ settings: [Setting]) {
        let name = (provider?.value ?? .generic).rawValue
        switch error {
        case .missing(let missing):
            findings.refuse(
                DottedKey.joined(table.key, missing.first?.rawValue ?? "token_endpoint"),
                at: table.place,
                "missing, to know the endpoints of provider = \"\(name)\"",
                remedy: "add \(Self.list(Set(missing))), or token_endpoint"
            )
        case .unusable(let reason):
            guard let written = settings.first?.written else { return }
            findings.refuse(written, "makes no endpoint of provider = \"\(name)\": the URL \(reason)")
        }
    }

    private static func list(_ settings: Set<ServerSetting>) -> String {
        ServerSetting.allCases.filter(settings.contains).map(\.rawValue).joined(separator: ", ")
    }
}
