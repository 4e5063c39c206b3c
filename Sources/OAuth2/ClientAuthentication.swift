/// How `client_secret_basic` writes the client identifier and secret before base64.
package enum BasicEncoding: String, Sendable, Hashable, CaseIterable {
    /// Form-encoded first, as RFC 6749 §2.3.1 says.
    case form

    /// As they are, for servers that do not decode.
    case raw
}

/// How the client proves itself (RFC 6749 §2.3), before its secret is read.
package enum AuthenticationMethod: String, Sendable, Hashable, CaseIterable {
    case clientSecretBasic = "client_secret_basic"
    case clientSecretPost = "client_secret_post"

    /// An assertion that is signed with the secret (RFC 7523 §2.2, OpenID Connect Core §9).
    case clientSecretJWT = "client_secret_jwt"

    /// An assertion that is signed with a private key (RFC 7523 §2.2, OpenID Connect Core §9).
    case privateKeyJWT = "private_key_jwt"

    /// A certificate of a CA that the server trusts, at the TLS handshake (RFC 8705 §2.1).
    case tlsClientAuth = "tls_client_auth"

    /// A certificate that the server knows, at the TLS handshake (RFC 8705 §2.2).
    case selfSignedTLSClientAuth = "self_signed_tls_client_auth"
    case none

    /// What it needs to have.
    package enum Means: Sendable, Hashable {
        case nothing, secret, privateKey, certificate
    }

    /// What a client must have to use it.
    package var means: Means {
        switch self {
        case .clientSecretBasic, .clientSecretPost, .clientSecretJWT: .secret
        case .privateKeyJWT: .privateKey
        case .tlsClientAuth, .selfSignedTLSClientAuth: .certificate
        case .none: .nothing
        }
    }
}

/// How a client proves to the token endpoint who it is; one method a request (RFC 6749 §2.3).
package enum ClientAuthentication: Sendable, Equatable {
    /// A public client, which only names itself.
    case none

    /// The secret in an `Authorization: Basic` header (RFC 6749 §2.3.1).
    case clientSecretBasic(Secret, BasicEncoding)

    /// The secret in the body (RFC 6749 §2.3.1).
    case clientSecretPost(Secret)

    /// A signed assertion in the body, good for one request (RFC 7521 §4.2).
    case assertion(Secret)

    /// The certificate of the connection; the body only names the client (RFC 8705 §2).
    case certificate

    /// What is presented, in every spelling.
    var presented: [Secret] {
        switch self {
        case .none, .certificate: []
        case .clientSecretBasic(let secret, _), .clientSecretPost(let secret), .assertion(let secret): secret.spellings
        }
    }
}

extension Secret {
    /// As it is and as a form writes it.
    var spellings: [Secret] {
        var encoded = SecretWriter()
        withBytes { BasicEncoding.form.append($0, to: &encoded) }
        return [self, encoded.secret()]
    }
}

extension BasicEncoding {
    /// The value of an `Authorization` header that carries `clientID` and `secret`.
    func authorization(clientID: String, secret: Secret) -> Secret {
        var credentials = SecretWriter()
        append(clientID.utf8.span, to: &credentials)
        credentials.append(UInt8(ascii: ":"))
        secret.withBytes { append($0, to: &credentials) }
        var value = SecretWriter()
        value.append("Basic ".utf8.span)
        credentials.secret().withBytes { Base64.append($0, to: &value) }
        return value.secret()
    }

    fileprivate func append(_ bytes: Span<UInt8>, to credentials: inout SecretWriter) {
        for index in bytes.indices {
            switch self {
            case .form: FormEncoding.write(bytes[index]) { credentials.append($0) }
            case .raw: credentials.append(bytes[index])
            }
        }
    }
}

/// RFC 4648 §4.
private enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func append(_ bytes: Span<UInt8>, to text: inout SecretWriter) {
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let present = min(3, bytes.count - start)
            var group = 0
            for offset in 0..<3 { group = group << 8 | (offset < present ? Int(bytes[start + offset]) : 0) }
            for digit in 0..<4 {
                text.append(digit <= present ? alphabet[group >> (18 - 6 * digit) & 63] : UInt8(ascii: "="))
            }
        }
    }
}
