/// An endpoint of an authorization server (RFC 8414 §2).
package enum EndpointKind: String, Sendable, Hashable, CaseIterable {
    case token = "token_endpoint"
    case authorization = "authorization_endpoint"
    case deviceAuthorization = "device_authorization_endpoint"
    case revocation = "revocation_endpoint"
    case introspection = "introspection_endpoint"
    case jwks = "jwks_uri"

    /// Where the metadata begin.
    case issuer
}

/// What tells one customer's authorization server from another's, by its key in the configuration.
package enum ServerSetting: String, Sendable, Hashable, CaseIterable {
    case domain, region
    case userPool = "user_pool"
    case tenant, realm
}

/// Why a provider's endpoint cannot be told.
package enum ServerSettingError: Error, Sendable, Hashable {
    /// These settings are needed, and not given.
    case missing([ServerSetting])

    /// What was given makes no URL.
    case unusable(EndpointURLError)
}

extension ServerSetting {
    /// Whether `value` can stand in an endpoint's URL: a host and perhaps its port, or one segment of a path.
    package func accepts(_ value: String) -> Bool {
        !value.isEmpty
            && value.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                case UInt8(ascii: ":"): self == .domain
                default: "-._~".utf8.contains(byte)
                }
            }
            && value != "." && value != ".."
    }
}

extension ProviderProfile {
    /// The settings that some endpoint of the provider is made of.
    package var settings: Set<ServerSetting> {
        endpoints.values.reduce(into: domainSuffix.map(Self.settings) ?? []) { $0.formUnion(Self.settings(in: $1)) }
    }

    /// The URL of an endpoint; nil when the provider has none of that kind, or none at a place of its own.
    package func endpoint(
        _ kind: EndpointKind,
        _ given: [ServerSetting: String]
    ) throws(ServerSettingError) -> EndpointURL? {
        guard let template = endpoints[kind] else { return nil }
        let values = complete(given)
        var text = template
        // The domain's completion has a place for the region.
        if let domainSuffix, let domain = values[.domain], !domain.contains(".") {
            text = text.replacing(ServerSetting.domain.place, with: domain + domainSuffix)
        }
        let missing = Self.settings(in: text).filter { values[$0] == nil }
        guard missing.isEmpty else { throw .missing(ServerSetting.allCases.filter(missing.contains)) }
        for (setting, value) in values { text = text.replacing(setting.place, with: value) }
        do throws(EndpointURLError) {
            return try EndpointURL(text)
        } catch {
            throw .unusable(error)
        }
    }

    private func complete(_ given: [ServerSetting: String]) -> [ServerSetting: String] {
        var values = defaultSettings.merging(given) { _, given in given }
        // A user pool's identifier begins with its region: eu-west-1_Abc123.
        if values[.region] == nil, let pool = values[.userPool], let end = pool.firstIndex(of: "_") {
            values[.region] = String(pool[..<end])
        }
        return values
    }

    private static func settings(in template: String) -> Set<ServerSetting> {
        Set(ServerSetting.allCases.filter { template.contains($0.place) })
    }
}

extension ServerSetting {
    /// Stands for its value in a template.
    fileprivate var place: String { "{\(rawValue)}" }
}
