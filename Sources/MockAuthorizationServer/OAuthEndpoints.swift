import Synchronization

/// What the OAuth endpoints do when nothing else is scripted.
extension MockAuthorizationServer {
    /// The token endpoint (RFC 6749 §3.2).
    func grantToken(_ arrival: Arrival) throws(OAuthError) -> Outcome {
        guard arrival.request.method == "POST" else { return methodNotAllowed(allow: "POST") }
        let form = try readableForm(arrival)
        let client = try arrival.credentials.get().verified(by: configuration.clients)
        guard let grant = form["grant_type"] else { throw OAuthError("invalid_request", "grant_type is missing") }
        guard ["client_credentials", "refresh_token"].contains(grant) else {
            throw OAuthError("unsupported_grant_type", "only client_credentials and refresh_token")
        }
        guard client.grants.contains(grant) else {
            throw OAuthError("unauthorized_client", "the client may not use \(grant)")
        }
        let asked = try scope(of: form, for: client)
        let now = configuration.now()
        let issued: Result<(IssuedToken, Duration, String?), OAuthError> = state.withLock { state in
            Result { () throws(OAuthError) in
                var order = TokenIssuer.Order(
                    clientID: client.id,
                    scope: asked,
                    audience: form.values("audience") + form.values("resource"),
                    lifetime: arrival.behaviour.lifetime ?? state.lifetime,
                    mayRepeat: arrival.behaviour.sameToken
                )
                var refreshToken: String?
                if grant == "refresh_token" {
                    guard let presented = form["refresh_token"] else {
                        throw OAuthError("invalid_request", "refresh_token is missing")
                    }
                    let refreshed = try state.issuer.refresh(
                        RefreshTokens.Presented(
                            value: presented,
                            clientID: client.id,
                            request: arrival.request.number
                        ),
                        scope: asked,
                        policy: state.rotation,
                        now: now
                    )
                    order.scope = refreshed.scope
                    order.family = refreshed.family
                    refreshToken = refreshed.refreshToken
                } else if order.scope.isEmpty {
                    order.scope = client.scopes ?? []
                }
                let token = state.issuer.issue(order, now: now)
                return (token, token.expiresAt - now, refreshToken)
            }
        }
        let (token, remaining, refreshToken) = try issued.get()
        var members: [String: JSONValue] = [
            "access_token": .string(token.value), "token_type": "Bearer",
            "expires_in": .integer(Int(remaining.components.seconds)),
        ]
        if !token.scope.isEmpty { members["scope"] = .string(token.scope) }
        if let refreshToken { members["refresh_token"] = .string(refreshToken) }
        return Outcome(.json(.object(members)), word: "issued")
    }

    /// What the form asks for, when the client may have it.
    private func scope(of form: Form, for client: RegisteredClient) throws(OAuthError) -> [String] {
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
        _ = try arrival.credentials.get().verified(by: configuration.clients)
        guard let value = form["token"] else { throw OAuthError("invalid_request", "token is missing") }
        let now = configuration.now()
        guard let token = state.withLock({ $0.issuer.accessToken(value) }), token.isActive(at: now) else {
            return Outcome(.json(["active": false]), word: "inactive")
        }
        var members: [String: JSONValue] = [
            "active": true, "client_id": .string(token.clientID), "scope": .string(token.scope),
            "token_type": "Bearer", "iat": .integer(Int(token.issuedAt.components.seconds)),
            "exp": .integer(Int(token.expiresAt.components.seconds)), "iss": .string(issuer),
        ]
        if !token.audience.isEmpty { members["aud"] = .array(token.audience.map(JSONValue.string)) }
        return Outcome(.json(.object(members)), word: "active")
    }

    /// The revocation endpoint (RFC 7009), which says 200 for a token it does not know, too (§2.2).
    func revokeToken(_ arrival: Arrival) throws(OAuthError) -> Outcome {
        guard arrival.request.method == "POST" else { return methodNotAllowed(allow: "POST") }
        let form = try readableForm(arrival)
        let client = try arrival.credentials.get().verified(by: configuration.clients)
        guard let value = form["token"] else { throw OAuthError("invalid_request", "token is missing") }
        state.withLock { state in
            if state.issuer.owner(of: value) == client.id { state.issuer.revoke(value) }
        }
        return Outcome(HTTPResponse(status: 200), word: "revoked")
    }

    private func readableForm(_ arrival: Arrival) throws(OAuthError) -> Form {
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
