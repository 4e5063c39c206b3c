/// A client registration (RFC 6749 §2).
package struct RegisteredClient: Sendable, Equatable {
    /// `client_id`.
    package var id: String

    /// The one way in which it may prove itself; nil allows each that it has something registered for.
    package var method: SeenAuthentication?

    /// What the client proves itself with; several while a secret is being rotated, none for a public client.
    package var secrets: [String]

    /// The public keys of what signs its assertions; several while a key is being rotated.
    package var keys: [VerificationKey] = []

    /// Which certificate proves it.
    package var certificate: RegisteredCertificate?

    /// The scope tokens that it may ask for; nil allows all. Asking for none grants them all.
    package var scopes: [String]?

    /// The values of `grant_type` that it may use.
    package var grants: [String]

    /// Where a browser may be sent back to, on loopback with any port; nil allows every place on loopback.
    package var redirectURIs: [String]?

    package init(
        id: String,
        secrets: [String] = [],
        keys: [VerificationKey] = [],
        certificate: RegisteredCertificate? = nil,
        scopes: [String]? = nil,
        grants: [String] = ["client_credentials", "refresh_token"],
        redirectURIs: [String]? = nil
    ) {
        self.id = id
        self.secrets = secrets
        self.keys = keys
        self.certificate = certificate
        self.scopes = scopes
        self.grants = grants
        self.redirectURIs = redirectURIs
    }

    /// Whether the client may prove itself so.
    func accepts(_ presented: SeenAuthentication) -> Bool {
        if let method { return method == presented }
        return switch presented {
        case .none: secrets.isEmpty && keys.isEmpty && certificate == nil
        case .clientSecretBasic, .clientSecretPost, .clientSecretJWT: !secrets.isEmpty
        case .privateKeyJWT: !keys.isEmpty
        case .tlsClientAuth: certificate != nil
        }
    }
}

extension RegisteredClient: Decodable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case id, method, secrets, keys, scopes, grants
        case redirectURIs = "redirect_uris"
        case subject = "tls_client_auth_subject_dn"
        case anyCertificate = "any_certificate"
        case fingerprints = "certificate_sha256"
    }

    /// Reads a registration as a file of clients has it.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(id: try container.decode(String.self, forKey: .id))
        method = try container.decodeIfPresent(SeenAuthentication.self, forKey: .method)
        secrets = try container.decodeIfPresent([String].self, forKey: .secrets) ?? secrets
        keys = try container.decodeIfPresent([VerificationKey].self, forKey: .keys) ?? keys
        scopes = try container.decodeIfPresent([String].self, forKey: .scopes)
        grants = try container.decodeIfPresent([String].self, forKey: .grants) ?? grants
        redirectURIs = try container.decodeIfPresent([String].self, forKey: .redirectURIs)
        if let subject = try container.decodeIfPresent(String.self, forKey: .subject) {
            certificate = .subject(subject)
        } else if let fingerprints = try container.decodeIfPresent([String].self, forKey: .fingerprints) {
            certificate = .fingerprints(fingerprints)
        } else if try container.decodeIfPresent(Bool.self, forKey: .anyCertificate) == true {
            certificate = .anyOfAuthority
        }
    }
}
