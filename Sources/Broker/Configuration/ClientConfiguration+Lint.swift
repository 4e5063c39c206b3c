internal import Diagnosis
internal import OAuth2

extension ClientConfiguration {
    /// The client as it is looked over without asking anybody.
    ///
    /// - Parameters:
    ///   - secrets: What to look at besides; the secrets themselves stand elsewhere.
    ///   - found: Where token requests go, when an issuer said so.
    func settings(
        secrets: [Secret] = [],
        tokenEndpoint found: EndpointURL? = nil,
        otherRedirectURIs: [String] = []
    ) -> ClientSettings {
        var (token, issuer): (EndpointURL?, EndpointURL?) = (found, nil)
        switch endpoint {
        case .tokenEndpoint(let url): token = token ?? url
        case .issuer(let url): issuer = url
        }
        return ClientSettings(
            provider: spokenProvider,
            grant: grant,
            method: authentication,
            basicEncoding: basicEncoding,
            clientID: clientID,
            secrets: secrets,
            tokenEndpoint: token,
            issuer: issuer,
            keys: endpoints[.jwks],
            scopes: target.scope,
            redirectURI: redirectURI,
            otherRedirectURIs: otherRedirectURIs
        )
    }
}

extension Findings {
    /// Warns of what is hardly meant in the section that `table` is.
    func warn(_ remarks: [Remark], in table: TableReader) {
        for remark in remarks {
            guard let remedy = remark.remedy else { continue }
            // What a provider's settings made is told of where these stand.
            let keys = [remark.key] + (Self.addresses.contains(remark.key) ? Self.addresses : [])
            let key = keys.first(where: table.has) ?? remark.key
            if table.has(key), let written = table.node(key) {
                warn(written, remark.problem, remedy: remedy)
            } else {
                warn(DottedKey.joined(table.key, key), at: table.place, remark.problem, remedy: remedy)
            }
        }
    }

    /// The keys that say where a server is.
    private static let addresses =
        [EndpointKind.token.rawValue, EndpointKind.issuer.rawValue] + ServerSetting.allCases.map(\.rawValue)
}
