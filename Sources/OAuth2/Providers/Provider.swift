/// Who runs an authorization server, for what is known of its ways.
package enum Provider: String, Sendable, Hashable, CaseIterable {
    case generic, cognito, entra, google, okta, auth0, keycloak, github, slack, salesforce

    /// What is known of it.
    package var profile: ProviderProfile {
        switch self {
        case .generic: .generic
        case .cognito: .cognito
        case .entra: .entra
        case .google: .google
        case .okta: .okta
        case .auth0: .auth0
        case .keycloak: .keycloak
        case .github: .github
        case .slack: .slack
        case .salesforce: .salesforce
        }
    }

    /// The provider whose host `endpoint` is at; nil when it may be anybody's.
    ///
    /// Enough to read its answers with, and too little to change what is sent.
    package init?(recognizing endpoint: EndpointURL) {
        let host = endpoint.host
        let hosted = Provider.allCases.first { provider in
            provider.profile.hosts.contains { host == $0 || host.hasSuffix(".\($0)") }
                || provider.profile.regionalHosts.contains { host.hasPrefix($0.prefix) && host.hasSuffix($0.suffix) }
        }
        guard let hosted else { return nil }
        self = hosted
    }
}
