/// How a `MockAuthorizationServer` is set up; the defaults accept every client and give tokens for an hour.
package struct Configuration: Sendable {
    /// The port on loopback; 0 lets the system choose one.
    package var port = 0

    /// The port of the control interface on loopback; 0 lets the system choose one.
    package var controlPort = 0

    /// Serves https with these files; nil serves http. The control interface is always http.
    package var tls: TLSFiles?

    /// The port of a second https listener, with the files of `tls`, which the metadata names for clients that have a
    /// certificate (RFC 8705 §5); 0 lets the system choose one, nil does without. The files' word about clients'
    /// certificates is then this listener's alone.
    package var mutualTLSPort: Int?

    /// What stands in the issuer and the endpoints' URLs: a name that the certificate carries, or an address.
    package var advertisedHost = "127.0.0.1"

    /// The path of the issuer, empty or as in `/tenant`; the metadata of RFC 8414 is then at a path of its own (§3.1).
    package var issuerPath = ""

    /// Who may have tokens.
    package var clients = Clients.any

    /// How the identifier and the secret in a Basic header are read.
    package var basicEncoding = AcceptedBasicEncoding.either

    /// Which `aud` an assertion must have.
    package var assertionAudience = AcceptedAudience.either

    /// The lifetime of access tokens.
    package var lifetime = Duration.seconds(3600)

    /// How many characters an access token has.
    package var accessTokenLength = shortestAccessToken

    /// What nobody guesses needs as many.
    package static let shortestAccessToken = 67

    /// What becomes of refresh tokens when they are used.
    package var rotation = RotationPolicy()

    /// What happens when a person is asked to log in.
    package var logins = LoginPolicy()

    /// Called with every OAuth request as it is answered: the word that it is counted under, and the status.
    package var onAnswer: (@Sendable (SeenRequest, _ outcome: String, _ status: Int) -> Void)?

    /// Reads the wall clock, since 1970-01-01 UTC; tests put a clock of their own here.
    package var now: @Sendable () -> Duration = { WallClock.sinceEpoch() }

    package init() {}
}

/// Who may have tokens.
package enum Clients: Sendable {
    /// Any identifier with any secret or none, any scope and grant.
    case any

    /// These and no others, each with what it may ask for.
    case registered([RegisteredClient])
}

/// How the identifier and the secret in a Basic header are read (RFC 6749 §2.3.1).
package enum AcceptedBasicEncoding: String, Sendable, Codable, CaseIterable {
    /// Form-encoded, as the RFC says.
    case form

    /// As they stand, as many servers do.
    case raw

    /// Whichever of the two makes the secret right.
    case either
}

/// The PEM files of an https server.
package struct TLSFiles: Sendable, Equatable {
    /// The server's certificate, then the intermediate ones.
    package var certificateChain: String

    /// The key of the first certificate.
    package var privateKey: String

    /// What is asked of clients in the handshake; nil asks for no certificate.
    package var clientCertificates: ClientCertificates?

    package init(certificateChain: String, privateKey: String, clientCertificates: ClientCertificates? = nil) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.clientCertificates = clientCertificates
    }
}

/// What becomes of a refresh token when it is used.
package struct RotationPolicy: Sendable, Equatable {
    /// Whether each use brings a new refresh token and spends the old one.
    package var rotates = true

    /// How long a spent refresh token still brings tokens, for clients whose answer was lost.
    package var graceWindow = Duration.zero

    /// Whether a spent refresh token that comes back ends the whole family (RFC 9700 §4.14.2).
    package var reuseRevokesFamily = true

    /// From the first refresh token of a family to its end; nil for families that do not expire.
    package var familyLifetime: Duration?

    package init() {}
}
