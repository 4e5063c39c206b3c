/// What happens when a person is asked to log in.
package struct LoginPolicy: Sendable, Equatable {
    /// Who logs in.
    package var subject = "ann"

    /// Whether the person declines.
    package var declines = false

    /// What is wrong with the redirect back to the client.
    package var fault: RedirectFault?

    /// Which logins bring a refresh token.
    package var refreshTokens = RefreshTokenGift.always

    /// Which logins bring an ID token.
    package var idTokens = IDTokenGift.openID

    /// How often a device may ask; the answer states it in whole seconds, rounded up.
    package var deviceInterval = Duration.seconds(5)

    /// What each `slow_down` adds to the interval (RFC 8628 §3.5).
    package var slowDownStep = Duration.seconds(5)

    /// How long a person has for a device's code.
    package var deviceLifetime = Duration.seconds(600)

    package init() {}
}

/// What is wrong with a redirect.
package enum RedirectFault: String, Sendable, Codable, CaseIterable {
    /// The state is another's.
    case wrongState = "wrong_state"

    /// There is no state.
    case missingState = "missing_state"

    /// `iss` names another server (RFC 9207 §2.4).
    case wrongIssuer = "wrong_issuer"

    /// There is no `iss`, although the metadata promises it.
    case missingIssuer = "missing_issuer"

    /// There is neither a code nor an error.
    case missingCode = "missing_code"

    /// The code is none of ours.
    case wrongCode = "wrong_code"
}

/// Which logins bring a refresh token.
package enum RefreshTokenGift: String, Sendable, Codable, CaseIterable {
    /// Those of every client that may use them.
    case always

    /// Of these, those that ask for `offline_access`, or with `access_type=offline`.
    case offline

    case never
}

/// Which logins bring an ID token (OpenID Connect Core §3.1.3.3).
package enum IDTokenGift: String, Sendable, Codable, CaseIterable {
    case always

    /// Those that ask for the scope `openid`.
    case openID = "openid"

    case never
}
