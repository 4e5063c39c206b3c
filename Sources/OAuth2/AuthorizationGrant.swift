/// An authorization grant in hand: what a token request presents (RFC 6749 §1.3).
package enum AuthorizationGrant: Sendable, Equatable {
    /// The client's own authority.
    case clientCredentials

    /// A refresh token.
    case refreshToken(Secret)

    /// The code of a login in a browser, with the redirect URI as it was sent before and the verifier of RFC 7636 §4.1.
    case authorizationCode(Secret, redirectURI: String, codeVerifier: Secret)

    /// The code of a login on another device.
    case deviceCode(Secret)

    /// An assertion, good for one request.
    case jwtBearer(assertion: Secret)

    /// What kind of grant it is.
    package var kind: Grant {
        switch self {
        case .clientCredentials: .clientCredentials
        case .refreshToken: .refreshToken
        case .authorizationCode: .authorizationCode
        case .deviceCode: .deviceCode
        case .jwtBearer: .jwtBearer
        }
    }

    func append(to form: inout RequestForm) {
        switch self {
        case .clientCredentials:
            break
        case .refreshToken(let token):
            form.present("refresh_token", token)
        case .authorizationCode(let code, let redirectURI, let codeVerifier):
            form.present("code", code)
            form.append("redirect_uri", redirectURI)
            form.present("code_verifier", codeVerifier)
        case .deviceCode(let code):
            form.present("device_code", code)
        case .jwtBearer(let assertion):
            form.presentAssertion("assertion", assertion)
        }
    }
}
