import OAuth2

extension ClientSettings {
    /// What it asks for, and by what.
    var grantRemarks: [Remark] {
        guard Self.offers(provider, grant) else {
            return [
                Remark(
                    .grantNotOffered,
                    "grant",
                    "\(provider.title) does not offer \(grant.name)",
                    remedy: "write grant = \(Self.instead(of: grant, at: provider))"
                )
            ]
        }
        return grant == .clientCredentials ? scopeRemarks : []
    }

    private static func offers(_ provider: Provider, _ grant: Grant) -> Bool {
        switch (provider, grant) {
        case (.google, .clientCredentials), (.github, .clientCredentials), (.slack, .clientCredentials): false
        case (.github, .jwtBearer), (.slack, .jwtBearer), (.cognito, .jwtBearer): false
        case (.cognito, .deviceCode), (.slack, .deviceCode): false
        default: true
        }
    }

    private static func instead(of grant: Grant, at provider: Provider) -> String {
        switch (provider, grant) {
        case (.google, _): "\"jwt_bearer\" for a service account, or \"authorization_code\" for a person"
        case (.cognito, .jwtBearer): "\"client_credentials\""
        case (.github, _): "\"device_code\" or \"authorization_code\""
        default: "\"authorization_code\""
        }
    }

    /// Of a client that nobody stands behind.
    private var scopeRemarks: [Remark] {
        var remarks: [Remark] = []
        let personal = scopes.tokens.filter(Self.openIDScopes.contains)
        if Self.separatesScopes.contains(provider), !personal.isEmpty {
            remarks.append(
                scopes(
                    .scopesAreOpenID,
                    "\(personal.joined(separator: ", ")) tell of a person, and behind grant = \"client_credentials\" is "
                        + "none",
                    "remove them, or log in with grant = \"authorization_code\""
                )
            )
        }
        let others = scopes.tokens.filter { !Self.openIDScopes.contains($0) }
        let bare = others.filter { !$0.contains("/") }
        if provider == .cognito, !bare.isEmpty {
            remarks.append(
                scopes(
                    .scopeLacksIdentifier,
                    "\(bare.joined(separator: ", ")) name no resource server, as \(provider.title)'s custom scopes do",
                    "write \"IDENTIFIER/SCOPE\", as the resource server has it"
                )
            )
        }
        guard provider == .entra, !isFirstVersion else { return remarks }
        let partial = others.filter { !$0.hasSuffix("/.default") }
        if scopes.isEmpty {
            remarks.append(
                scopes(
                    .scopeMissing,
                    "missing, and \(provider.title) wants one with grant = \"client_credentials\"",
                    "add scopes = [\"https://RESOURCE/.default\"]"
                )
            )
        } else if !partial.isEmpty {
            remarks.append(
                scopes(
                    .scopeNotDefault,
                    "\(partial.joined(separator: ", ")) are granted to no client on its own",
                    "write the resource with /.default, and have the application permissions consented to"
                )
            )
        }
        return remarks
    }

    private func scopes(_ finding: Finding, _ problem: String, _ remedy: String) -> Remark {
        Remark(finding, "scopes", problem, remedy: remedy)
    }

    /// Whether it is asked by `resource`.
    private var isFirstVersion: Bool { tokenEndpoint?.path.hasSuffix("/oauth2/token") ?? false }

    /// Where a client's own tokens have none of these; elsewhere they may be granted and mean little.
    private static let separatesScopes: Set<Provider> = [.cognito, .entra, .okta, .generic]

    private static let openIDScopes: Set<String> = ["openid", "profile", "email", "phone", "address", "offline_access"]
}
