package import OAuth2

/// How a token is to be written.
package enum TokenFormat: Sendable, Hashable {
    /// RFC 6749 §5.1.
    case json
    /// The token alone.
    case plain
}

/// What a caller asks for.
package struct TokenQuery: Sendable, Equatable {
    /// As it was written; a name that no client can have is answered like one that no client has.
    package var client: String

    /// Nil for the client's own.
    package var scope: ScopeSet?
    package var audience: String?
    package var resource: [String]

    /// What must be left of the token; nil for the default.
    package var minTTL: Duration?

    /// How long the caller waits; nil for the default.
    package var timeout: Duration?

    package var format: TokenFormat

    /// Asked at the token endpoint, whose errors RFC 6749 §5.2 rules.
    package var asTokenEndpoint: Bool

    /// Longer waits would hold a connection for a caller that has long given up.
    package static let longestTimeout: Duration = .seconds(60)

    /// As many resources as fit a sensible request.
    package static let maximumResources = 16

    package init(
        client: String,
        scope: ScopeSet? = nil,
        audience: String? = nil,
        resource: [String] = [],
        minTTL: Duration? = nil,
        timeout: Duration? = nil,
        format: TokenFormat = .json,
        asTokenEndpoint: Bool = false
    ) {
        self.client = client
        self.scope = scope
        self.audience = audience
        self.resource = resource
        self.minTTL = minTTL
        self.timeout = timeout
        self.format = format
        self.asTokenEndpoint = asTokenEndpoint
    }

    /// Takes over what `parameters` ask for; each at most once, but `resource`.
    mutating func read(_ parameters: [FormParameter], also known: Set<String> = []) throws(APIError) {
        var seen: Set<String> = []
        for parameter in parameters {
            let name = parameter.name
            if name != "resource", !seen.insert(name).inserted {
                throw APIError(.invalidRequest, "the parameter \(Self.shown(name)) stands twice")
            }
            try check(parameter)
            switch name {
            case "scope":
                scope = try scope(parameter.value)
            case "audience":
                audience = parameter.value
            case "resource":
                resource.append(parameter.value)
                guard resource.count <= Self.maximumResources else {
                    throw APIError(.invalidRequest, "more than \(Self.maximumResources) resources are asked for")
                }
            case "min_ttl":
                minTTL = try duration(parameter)
            case "timeout":
                let wanted = try duration(parameter)
                guard wanted <= Self.longestTimeout else {
                    throw APIError(
                        .invalidRequest,
                        "timeout is beyond \(Self.longestTimeout.components.seconds) s",
                        remedy: "Ask again when the time is over."
                    )
                }
                timeout = wanted
            default:
                guard known.contains(name) else {
                    throw APIError(
                        .invalidRequest,
                        "there is no parameter \(Self.shown(name))",
                        remedy: "Use scope, audience, resource, min_ttl and timeout."
                    )
                }
            }
        }
    }

    private func check(_ parameter: FormParameter) throws(APIError) {
        guard !APIRequest.hasControlCharacter(parameter.value) else {
            throw APIError(.invalidRequest, "the parameter \(Self.shown(parameter.name)) has a control character")
        }
        let mayBeEmpty = parameter.name == "client_secret"
        guard mayBeEmpty || !parameter.value.isEmpty else {
            throw APIError(.invalidRequest, "the parameter \(Self.shown(parameter.name)) is empty")
        }
    }

    private func scope(_ text: String) throws(APIError) -> ScopeSet {
        let scope = ScopeSet(wireValue: text)
        guard !scope.isEmpty, scope.tokens.allSatisfy(ScopeSet.isValid(token:)) else {
            throw APIError(.invalidRequest, "the scope is not of the form that RFC 6749 §3.3 gives")
        }
        return scope
    }

    private func duration(_ parameter: FormParameter) throws(APIError) -> Duration {
        guard let duration = DurationText.parseSeconds(parameter.value) else {
            throw APIError(
                .invalidRequest,
                "\(parameter.name) is no duration",
                remedy: "Write whole seconds, or a duration as 5m."
            )
        }
        return duration
    }

    /// A name from outside, fit to be printed.
    static func shown(_ name: String) -> String {
        let printable = name.unicodeScalars.prefix(64).map { (0x20...0x7E).contains($0.value) ? String($0) : "?" }
        return "\"" + printable.joined() + "\""
    }
}
