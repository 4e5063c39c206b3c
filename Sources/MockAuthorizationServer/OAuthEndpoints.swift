import Synchronization

/// What the endpoints for tokens that were given do when nothing else is scripted.
extension MockAuthorizationServer {
    /// What the form asks for, when the client may have it.
    func scope(of form: Form, for client: RegisteredClient) throws(OAuthError) -> [String] {
        let asked = (form["scope"] ?? "").split(separator: " ").map(String.init)
        if let allowed = client.scopes, let other = asked.first(where: { !allowed.contains($0) }) {
            throw OAuthError("invalid_scope", "the client may not have \(other)")
        }
        return asked
    }

    /// The introspection endpoint (RFC 7662): any client that proves itself may ask about any token.
    func introspect(_ arrival: Arrival) throws(OAuthError) -> Outcome {
        guard arrival.request.method == "POST" else { return methodNotAllowed(allow: "POST") }
        let form = try readableForm(arrival)
        _ = try verifiedClient(of: arrival)
        guard let value = form["token"] else { throw OAuthError("invalid_request", "token is missing") }
        let now = self.now()
        let found = state.withLock { state in
            state.issuer.accessToken(value).map(Introspected.accessToken)
                ?? state.issuer.refreshTokens.live(value, policy: state.rotation, now: now).map(
                    Introspected.refreshToken
                )
        }
        switch found {
        case .accessToken(let token) where token.isActive(at: now):
            return Outcome(.json(document(token)), word: "active")
        case .refreshToken(let token):
            return Outcome(.json(document(token)), word: "active")
        case .accessToken, nil:
            return Outcome(.json(["active": false]), word: "inactive")
        }
    }

    private enum Introspected {
        case accessToken(IssuedToken)
        case refreshToken(RefreshTokens.Live)
    }

    private func document(_ token: IssuedToken) -> JSONValue {
        var members: [String: JSONValue] = [
            "active": true, "client_id": .string(token.clientID), "scope": .string(token.scope),
            "token_type": "Bearer", "iat": .integer(Int(token.issuedAt.components.seconds)),
            "exp": .integer(Int(token.expiresAt.components.seconds)), "iss": .string(issuer),
        ]
        if let subject = token.subject { members["sub"] = .string(subject) }
        if !token.audience.isEmpty { members["aud"] = .array(token.audience.map(JSONValue.string)) }
        return .object(members)
    }

    private func document(_ token: RefreshTokens.Live) -> JSONValue {
        var members: [String: JSONValue] = [
            "active": true, "client_id": .string(token.clientID),
            "scope": .string(token.scope.joined(separator: " ")), "iss": .string(issuer),
            "iat": .integer(Int(token.issuedAt.components.seconds)),
        ]
        if let subject = token.subject { members["sub"] = .string(subject) }
        return .object(members)
    }

    /// The revocation endpoint (RFC 7009), which says 200 for a token it does not know, too (§2.2).
    func revokeToken(_ arrival: Arrival) throws(OAuthError) -> Outcome {
        guard arrival.request.method == "POST" else { return methodNotAllowed(allow: "POST") }
        let form = try readableForm(arrival)
        let client = try verifiedClient(of: arrival)
        guard let value = form["token"] else { throw OAuthError("invalid_request", "token is missing") }
        state.withLock { state in
            if state.issuer.owner(of: value) == client.id { state.issuer.revoke(value) }
        }
        return Outcome(HTTPResponse(status: 200), word: "revoked")
    }

    func readableForm(_ arrival: Arrival) throws(OAuthError) -> Form {
        let type = arrival.request.header("Content-Type") ?? ""
        guard type.lowercased().hasPrefix("application/x-www-form-urlencoded"), let form = arrival.form else {
            throw OAuthError("invalid_request", "the body is not application/x-www-form-urlencoded")
        }
        if let field = form.repeatedField {
            throw OAuthError("invalid_request", "\(field) is there more than once (RFC 6749 §3.2)")
        }
        return form
    }
}
