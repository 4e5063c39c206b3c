/// How a person logs in.
package enum LoginFlow: String, Sendable, Codable, CaseIterable {
    /// In a browser, which is then sent back (RFC 6749 §4.1).
    case browser

    /// In a browser on whichever device, with a code that is typed there (RFC 8628).
    case device
}

/// The answer to `GET /v1/clients/{client}/login`: what a login of the client takes.
package struct LoginPlanDocument: Sendable, Equatable, Codable {
    package var formatVersion: Int
    package var client: String
    package var flow: LoginFlow

    /// Where the browser will be sent back to, as it is configured, with port 0 for any; nil for `device`.
    package var redirectUri: String?

    /// Whose login is held, as the authorization server names them; nil when none is, or it did not say.
    package var subject: String?

    package init(client: String, flow: LoginFlow, redirectUri: String? = nil, subject: String? = nil) {
        formatVersion = documentFormatVersion
        self.client = client
        self.flow = flow
        self.redirectUri = redirectUri
        self.subject = subject
    }
}

/// One line of the answer to `POST /v1/clients/{client}/login`.
///
/// The login ends with the connection; `done` and `failed` are the last lines.
package struct LoginEvent: Sendable, Equatable, Codable {
    /// What the line tells.
    package enum Kind: String, Sendable, Codable {
        /// Open `authorization_uri`; the browser will be sent to `redirect_uri`, whose answer belongs to `login`.
        case authorize

        /// Open `verification_uri` on some device and type `user_code`.
        case verify

        /// The authorization server wants to be asked less often: every `interval` seconds.
        case slowDown = "slow_down"

        /// The authorization server could not be asked, and will be again: `failure` says why.
        case retry

        /// The person has decided; the grant is being fetched.
        case redeeming

        /// The grant is held.
        case done

        /// No grant came of it, and what was held is held: `failure` says why.
        case failed
    }

    package var event: Kind
    package var client: String

    /// Names the login for the redirect that belongs to it.
    package var login: String?
    package var authorizationUri: String?
    package var redirectUri: String?
    package var userCode: String?
    package var verificationUri: String?

    /// The same with the code in it, for a QR code or a browser on this machine.
    package var verificationUriComplete: String?

    /// When the login ends unfinished, in Unix seconds.
    package var expiresAt: Int?

    /// Seconds between two questions.
    package var interval: Int?

    /// Who logged in, as the authorization server names them; nil when it does not say.
    package var subject: String?

    /// Whose login was held before; nil when none was, or it was not known.
    package var previousSubject: String?

    /// What was granted.
    package var scope: String?

    /// Whether tokens can be had without another login.
    package var refreshable: Bool?

    /// What the operator should know about a login that succeeded.
    package var note: String?
    package var failure: ErrorDocument?

    package init(_ event: Kind, client: String) {
        self.event = event
        self.client = client
    }

    /// The line, ended by a line feed.
    package var line: [UInt8] { DocumentCoding.encode(self) + [0x0A] }
}

/// What `POST /v1/clients/{client}/login/redirect` is sent.
package struct LoginRedirectDocument: Sendable, Equatable, Codable {
    package var login: String

    /// The URL, or its path and query, that the browser was sent to.
    package var redirect: String

    package init(login: String, redirect: String) {
        self.login = login
        self.redirect = redirect
    }
}

/// The answer to a redirect that belongs to the login: what comes of it the login's own connection tells.
package struct LoginRedirectAnswer: Sendable, Equatable, Codable {
    package var formatVersion: Int
    package var client: String

    /// Whether it brought a code; without one, the person or the authorization server declined.
    package var granted: Bool

    package init(client: String, granted: Bool) {
        formatVersion = documentFormatVersion
        self.client = client
        self.granted = granted
    }
}
