/// A request as the server saw it.
package struct SeenRequest: Sendable {
    /// Counts the requests from 1, in the order of their arrival.
    package let number: Int

    /// What it was for.
    package let endpoint: Endpoint

    /// When it was complete, since 1970-01-01 UTC.
    package let at: Duration

    /// `POST`, when all is well.
    package let method: String

    /// As sent, up to the `?`.
    package let path: String

    /// What follows the `?` of the path; empty when nothing does.
    package let query: String

    /// Who it says it is from; nil when it does not say.
    package let clientID: String?

    /// How the client proved itself; nil when it is not said who it is.
    package let authentication: SeenAuthentication?

    /// `grant_type`.
    package let grant: String?

    /// The form's fields in their order; those that are secret show themselves only when asked to.
    package let parameters: [SeenParameter]

    /// The header fields in their order, `Authorization` left out.
    package let headers: [(name: String, value: String)]

    /// The client secret as received, decoded.
    package let secret: SeenSecret?

    /// The whole `Authorization` header.
    package let authorization: SeenSecret?

    /// The certificate that the client brought in the handshake.
    package let certificate: SeenCertificate?

    /// The number of the connection it came on, from 1.
    package let connection: Int

    /// The value of the form's field `name`, unless it is secret.
    package func parameter(_ name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    /// The first header field of that name, in any case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// How a client proved itself.
package enum SeenAuthentication: String, Sendable, Codable {
    case clientSecretBasic = "client_secret_basic"
    case clientSecretPost = "client_secret_post"
    case clientSecretJWT = "client_secret_jwt"
    case privateKeyJWT = "private_key_jwt"
    /// Also with a certificate that the client signed itself.
    case tlsClientAuth = "tls_client_auth"
    case none
}

/// A form field as the server saw it.
package struct SeenParameter: Sendable {
    /// Decoded.
    package let name: String

    /// The value, or a placeholder for a field that carries a secret.
    package var value: String { SeenParameter.secretNames.contains(name) ? "\(verbatim)" : verbatim.exposed }

    /// The value even of a secret field, for tests that must know it.
    package let verbatim: SeenSecret

    /// The fields whose values are shown only on demand.
    package static let secretNames: Set<String> = [
        "client_secret", "refresh_token", "client_assertion", "assertion", "code", "code_verifier", "device_code",
        "password", "token",
    ]
}

/// A secret that the server saw; it prints as a placeholder, so that no log and no test failure shows it.
package struct SeenSecret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The secret itself.
    package let exposed: String

    package init(_ secret: String) { exposed = secret }

    /// Always the same placeholder.
    package var description: String { "<secret>" }

    /// Always the same placeholder.
    package var debugDescription: String { description }
}
