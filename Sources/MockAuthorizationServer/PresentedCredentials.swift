import FoundationEssentials

/// Who a request says it is from, and the proof, before it is judged.
struct PresentedCredentials: Sendable {
    /// The readings to try, in order: Basic can be read in two ways.
    var readings: [(id: String, secret: String?)]
    var method: SeenAuthentication

    /// Reads the Authorization header and the form.
    init(authorization: String?, form: Form, encoding: AcceptedBasicEncoding) throws(OAuthError) {
        guard let authorization else {
            guard let id = form["client_id"] else {
                throw OAuthError("invalid_client", "neither a Basic header nor client_id", status: 401)
            }
            readings = [(id, form["client_secret"])]
            method = form["client_secret"] == nil ? .none : .clientSecretPost
            return
        }
        let malformed = OAuthError("invalid_client", "unreadable Authorization header", status: 401, challenges: true)
        let words = authorization.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "basic",
            let decoded = Data(base64Encoded: String(words[1])), let text = String(bytes: decoded, encoding: .utf8),
            let colon = text.firstIndex(of: ":")
        else { throw malformed }
        guard form["client_secret"] == nil else {
            throw OAuthError("invalid_request", "more than one client authentication method (RFC 6749 §2.3)")
        }
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

    /// The identifier, by the first reading.
    var clientID: String { readings[0].id }

    /// The secret, by the first reading.
    var secret: String? { readings[0].secret }

    /// The registration that is proven; for a server that takes any client, one made up for it.
    func verified(by clients: Clients) throws(OAuthError) -> RegisteredClient {
        guard case .registered(let registered) = clients else {
            return RegisteredClient(id: clientID, grants: GrantType.all)
        }
        for reading in readings {
            guard let client = registered.first(where: { $0.id == reading.id }) else { continue }
            if client.secrets.isEmpty ? reading.secret == nil : client.secrets.contains(reading.secret ?? "") {
                return client
            }
        }
        let known = readings.contains { reading in registered.contains { $0.id == reading.id } }
        throw OAuthError(
            "invalid_client",
            known ? "wrong client secret" : "unknown client",
            status: 401,
            challenges: method == .clientSecretBasic
        )
    }
}
