package import OAuth2

/// What came of a probe.
package enum ProbeOutcome: Sendable {
    /// The addresses of the name; empty when there is no such name.
    case addresses([String])

    /// A connection, and the certificate where there is encryption.
    case connected(roundTrip: Duration, certificate: CertificateSummary?)

    /// No connection, or none that can be trusted.
    case notConnected(TransportFailure, words: String?)

    case metadata(Result<AuthorizationServerMetadata, TokenEndpointFailure>)

    /// How many keys, or why there are none.
    case keys(Result<Int, TokenEndpointFailure>)

    /// What the token endpoint answered; never with the token itself.
    case answer(Result<GrantSummary, TokenEndpointFailure>, roundTrip: Duration)

    /// Not asked, for this reason.
    case notAsked(String)
}

/// What a server's certificate says of itself.
package struct CertificateSummary: Sendable, Hashable {
    /// The names it is for.
    package var names: [String]

    /// Its end, since 1970-01-01 UTC.
    package var validUntil: Duration

    /// Why it is not accepted; nil when it is.
    package var fault: Fault?

    /// Why a certificate is not accepted.
    package enum Fault: Sendable, Hashable {
        case expired, forAnotherName
        case untrusted(String)
    }

    package init(names: [String], validUntil: Duration, fault: Fault? = nil) {
        self.names = names
        self.validUntil = validUntil
        self.fault = fault
    }
}

/// What a token response granted, without what it granted it with.
package struct GrantSummary: Sendable, Hashable {
    package var lifetime: Duration?
    package var scope: String?

    /// The claims of a token that is a JWT, as far as they are not about a person.
    package var claims: [String: String]

    package init(lifetime: Duration? = nil, scope: String? = nil, claims: [String: String] = [:]) {
        self.lifetime = lifetime
        self.scope = scope
        self.claims = claims
    }
}
