/// How `client_secret_basic` writes the client identifier and secret before base64.
package enum BasicEncoding: String, Sendable, Hashable, CaseIterable {
    /// Form-encoded first, as RFC 6749 §2.3.1 says.
    case form

    /// As they are, for servers that do not decode.
    case raw
}

/// How a client proves to the token endpoint who it is; one method a request (RFC 6749 §2.3).
package enum ClientAuthentication: Sendable, Equatable {
    /// A public client, which only names itself.
    case none

    /// The secret in an `Authorization: Basic` header (RFC 6749 §2.3.1).
    case clientSecretBasic(Secret, BasicEncoding)

    /// The secret in the body (RFC 6749 §2.3.1).
    case clientSecretPost(Secret)
}
