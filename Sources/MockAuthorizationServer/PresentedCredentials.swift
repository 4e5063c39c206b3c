import FoundationEssentials

/// Who a request says it is from, and the proof, before it is judged.
struct PresentedCredentials: Sendable {
    /// The readings to try, in order: Basic can be read in two ways.
    var readings: [(id: String, secret: String?)]
    var method: SeenAuthentication

    /// What the client says of itself, signed (RFC 7523 §2.2).
    var assertion: SignedAssertion?

    /// What the client brought in the handshake.
    var certificate: SeenCertificate?

    /// Whether only the assertion that is the grant says who the client is (RFC 7523 §2.1).
    var isImplied = false

    /// RFC 7523 §2.2.
    static let assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    /// Reads the Authorization header and the form.
    init(
        authorization: String?,
        form: Form,
        encoding: AcceptedBasicEncoding,
        certificate: SeenCertificate? = nil
    ) throws(OAuthError) {
        self.certificate = certificate
        if let assertion = form["client_assertion"] {
            guard authorization == nil, form["client_secret"] == nil else { throw PresentedCredentials.several }
            let read = try PresentedCredentials.read(assertion, form)
            self.assertion = read.assertion
            readings = [(read.id, nil)]
            method = read.method
            return
        }
        guard let authorization else {
            if let id = form["client_id"] {
                readings = [(id, form["client_secret"])]
                method = form["client_secret"] != nil ? .clientSecretPost : certificate != nil ? .tlsClientAuth : .none
            } else if form["grant_type"] == GrantType.jwtBearer.rawValue,
                let issuer = form["assertion"].flatMap(SignedAssertion.init)?.issuer
            {
                readings = [(issuer, nil)]
                method = .none
                isImplied = true
            } else {
                throw OAuthError("invalid_client", "neither a Basic header nor client_id", status: 401)
            }
            return
        }
        let malformed = OAuthError("invalid_client", "unreadable Authorization header", status: 401, challenges: true)
        let words = authorization.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "basic",
            let decoded = Data(base64Encoded: String(words[1])), let text = String(bytes: decoded, encoding: .utf8),
            let colon = text.firstIndex(of: ":")
        else { throw malformed }
        guard form["client_secret"] == nil else { throw PresentedCredentials.several }
        let raw = (id: String(text[..<colon]), secret: Optional(String(text[text.index(after: colon)...])))
        var readings: [(id: String, secret: String?)] = []
        if encoding != .raw, let id = Form.decode(raw.id), let secret = raw.secret.flatMap(Form.decode) {
            readings.append((id, secret))
        }
        if encoding != .form { readings.append(raw) }
        guard let first = readings.first else { throw malformed }
        if let id = form["client_id"], id != first.id {
            throw OAuthError("invalid_request", "client_id differs from the Basic header's")
        }
        self.readings = readings
        method = .clientSecretBasic
    }

    private static let several = OAuthError(
        "invalid_request",
        "more than one client authentication method (RFC 6749 §2.3)"
    )

    private static func read(
        _ text: String,
        _ form: Form
    ) throws(OAuthError) -> (assertion: SignedAssertion, id: String, method: SeenAuthentication) {
        guard form["client_assertion_type"] == assertionType else {
            throw OAuthError("invalid_request", "client_assertion_type is not \(assertionType)")
        }
        guard let assertion = SignedAssertion(text), let subject = assertion.subject else {
            throw OAuthError("invalid_client", "client_assertion is no JWT with a subject", status: 401)
        }
        if let id = form["client_id"], id != subject {
            throw OAuthError("invalid_client", "client_id differs from the assertion's sub", status: 401)
        }
        let isSymmetric = assertion.algorithm == AssertionAlgorithm.hs256.rawValue
        return (assertion, subject, isSymmetric ? .clientSecretJWT : .privateKeyJWT)
    }

    /// The identifier, by the first reading.
    var clientID: String { readings[0].id }

    /// The secret, by the first reading.
    var secret: String? { readings[0].secret }

    /// The registration that is named.
    func registration(among registered: [RegisteredClient]) throws(OAuthError) -> RegisteredClient {
        for reading in readings {
            if let client = registered.first(where: { $0.id == reading.id }) { return client }
        }
        throw refusal("unknown client")
    }

    /// Whether a secret that was presented is one of the client's.
    func hasSecret(of client: RegisteredClient) -> Bool {
        readings.contains { $0.id == client.id && client.secrets.contains($0.secret ?? "") }
    }

    func refusal(_ description: String) -> OAuthError {
        OAuthError("invalid_client", description, status: 401, challenges: method == .clientSecretBasic)
    }
}
