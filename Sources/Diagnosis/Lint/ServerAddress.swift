import OAuth2

/// What a provider's addresses are made of.
enum ServerAddress {
    /// The paths of the token endpoint, the present one first; `{…}` stands for one segment. Empty for a provider whose
    /// servers are where their operators put them.
    static func tokenPaths(of provider: Provider) -> [String] {
        guard let template = provider.profile.endpoints[.token] else { return [] }
        let others: [String] =
            switch provider {
            // Its first version, and its directories of customers.
            case .entra: ["/{tenant}/oauth2/token", "/{tenant}/{policy}/oauth2/v2.0/token"]
            // The organisation's own server.
            case .okta: ["/oauth2/v1/token"]
            // Before version 17.
            case .keycloak: ["/auth/realms/{realm}/protocol/openid-connect/token"]
            case .google: ["/oauth2/v4/token", "/oauth2/v3/token", "/o/oauth2/token"]
            case .slack: ["/api/oauth.v2.user.access", "/api/oauth.access", "/api/openid.connect.token"]
            case .generic, .cognito, .auth0, .github, .salesforce: []
            }
        return [path(of: template)] + others
    }

    private static func path(of template: String) -> String {
        let rest = template.firstRange(of: "://").map { template[$0.upperBound...] } ?? template[...]
        return String(rest.drop { $0 != "/" })
    }

    /// Whether `path` is as `template` says, byte for byte but for its places.
    static func fits(_ path: String, _ template: String) -> Bool {
        let (segments, places) = (split(path), split(template))
        return segments.count == places.count
            && zip(segments, places).allSatisfy { $1.first == "{" ? !$0.isEmpty : $0 == $1 }
    }

    /// The first segment of a path.
    static func firstSegment(of path: String) -> Substring? { split(path).dropFirst().first }

    private static func split(_ path: String) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }

    /// The regions that one of Cognito's addresses names: of its host, and of the user pool.
    static func regions(in url: EndpointURL) -> [Substring] {
        let labels = url.host.split(separator: ".")
        var regions: [Substring] = []
        if url.host.hasSuffix(".amazoncognito.com"), labels.count > 3 {
            regions.append(labels[labels.count - 3])
        }
        if labels.first == "cognito-idp", labels.count > 2 {
            regions.append(labels[1])
            // eu-west-1_Abc123
            if let pool = firstSegment(of: url.path), let end = pool.firstIndex(of: "_") {
                regions.append(pool[..<end])
            }
        }
        return regions
    }
}
