/// What is known of a provider: where its endpoints are, and how it departs from RFC 6749.
///
/// Data, one file a provider; what is not said here is as the standards have it.
package struct ProviderProfile: Sendable {
    /// Where its endpoints are, with `{domain}` and other settings in the places of what the operator names.
    package var endpoints: [EndpointKind: String] = [:]

    /// What completes a domain that is written as its first label alone.
    package var domainSuffix: String?

    /// What its settings are when the operator does not say.
    package var defaultSettings: [ServerSetting: String] = [:]

    /// Hosts that are nobody else's, with all below them.
    package var hosts: [String] = []

    /// Those of which it has one in each region: what stands before the region's name, and what after it.
    package var regionalHosts: [(prefix: String, suffix: String)] = []

    /// How its clients prove themselves unless the configuration says otherwise.
    package var clientAuthentication = AuthenticationMethod.clientSecretBasic

    /// How it reads a Basic header.
    package var basicEncoding = BasicEncoding.form

    /// To whom assertions are addressed that prove who the client is.
    package var clientAudience = AssertionAudience.tokenEndpoint

    /// To whom assertions are addressed that are a grant.
    package var grantAudience = AssertionAudience.tokenEndpoint

    /// Whether an assertion that is a grant says itself what is asked for, and names a subject only where that is another
    /// than its issuer.
    package var assertionNamesScope = false

    /// How long its tokens live when it states no lifetime; nil when that is not known.
    package var unstatedLifetime: DefaultLifetime?

    /// The share of the lifetime after which its tokens are refreshed, where the usual one does harm.
    package var refreshAt: Double?

    /// From the first issue of a refresh token to the end of all that descend from it: a rotated one keeps its end.
    ///
    /// Nil when it is not known, or when each answer states it.
    package var refreshTokenLifetime: Duration?

    /// How long a refresh token lives unused, counted anew from each use; nil when that is not known.
    package var refreshTokenIdle: Duration?

    /// Which redirect URIs of this machine it takes for the one that is registered.
    package var redirectMatching = RedirectMatching.anyLoopbackPort

    /// What a login asks for besides, since without it no refresh token comes; what the operator writes comes before it.
    package var authorizationParameters: [FormParameter] = []

    /// Where it states a lifetime, the most exact first.
    package var lifetimeMembers = LifetimeMember.common

    /// The member in which an answer without an `access_token` may hold one.
    package var nestedToken: String?

    /// What its own codes mean: `error`, `suberror`, `error_subtype` or an element of `error_codes`, in lower case.
    package var codes: [String: FailureClass] = [:]

    /// The header that names the request, for its support to find it by.
    package var requestIDHeader: String?

    /// The header of a throttling answer that says when the limit ends, in Unix seconds.
    package var rateLimitResetHeader: String?

    /// Every authorization server of which nothing is known; as tolerant as can be.
    static let generic = ProviderProfile(nestedToken: "authed_user")
}

/// Which redirect URIs of this machine an authorization server takes for the one that is registered.
package enum RedirectMatching: Sendable, Hashable {
    /// Whatever its port (RFC 8252 §7.3).
    case anyLoopbackPort

    /// Whatever its port, but only when it names `localhost`.
    case anyLocalhostPort

    /// Only the same text.
    case exact
}

/// A place where a token response may state the lifetime.
package enum LifetimeMember: Sendable, Hashable {
    /// Seconds from the answer on.
    case seconds(String)

    /// Seconds from the answer on, or a date in Unix seconds or milliseconds, whichever the number can only be.
    case secondsOrDate(String)

    /// What servers are known to use; one that means milliseconds by `expires_in` says so beside it.
    package static let common: [LifetimeMember] = [
        .seconds("expires_in_sec"), .seconds("expires_in"), .secondsOrDate("expires"), .secondsOrDate("expires_on"),
        .secondsOrDate("expires_at"),
    ]
}

/// How long a token lives when its server does not say.
package enum DefaultLifetime: Sendable, Hashable {
    /// This long.
    case duration(Duration)

    /// It does not expire.
    case never
}
