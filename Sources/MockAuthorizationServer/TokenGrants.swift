import Synchronization

/// What the token endpoint does when nothing else is scripted.
extension MockAuthorizationServer {
    /// A token request that may be granted, as far as it is the same for every grant.
    private struct Request {
        let grant: GrantType
        let form: Form
        let client: RegisteredClient
        let scope: [String]
        let number: Int
        let lifetime: Duration?
        let mayRepeat: Bool
        let now: Duration

        /// What the assertion says that is the grant; nil for the other grants.
        let bearer: SignedAssertion?
    }

    /// What is given for a request.
    private struct Granted {
        var token: IssuedToken
        var refreshToken: String?
        var login: Login?
    }

    /// The token endpoint (RFC 6749 §3.2).
    func grantToken(_ arrival: Arrival) throws(OAuthError) -> Outcome {
        guard arrival.request.method == "POST" else { return methodNotAllowed(allow: "POST") }
        let form = try readableForm(arrival)
        let client = try verifiedClient(of: arrival)
        guard let name = form["grant_type"] else { throw OAuthError("invalid_request", "grant_type is missing") }
        guard let grant = GrantType(rawValue: name) else {
            throw OAuthError("unsupported_grant_type", "only " + GrantType.all.joined(separator: ", "))
        }
        guard client.grants.contains(name) else {
            throw OAuthError("unauthorized_client", "the client may not use \(name)")
        }
        let request = Request(
            grant: grant,
            form: form,
            client: client,
            scope: try scope(of: form, for: client),
            number: arrival.request.number,
            lifetime: arrival.behaviour.lifetime,
            mayRepeat: arrival.behaviour.sameToken,
            now: now(),
            bearer: grant == .jwtBearer
                ? try bearer(of: MockAuthorizationServer.field("assertion", of: form), by: client) : nil
        )
        let result: Result<Granted, OAuthError> = state.withLock { state in
            Result { () throws(OAuthError) in try MockAuthorizationServer.grant(request, &state) }
        }
        return Outcome(.json(document(try result.get(), now: request.now)), word: "issued")
    }

    private static func grant(_ request: Request, _ state: inout ServerState) throws(OAuthError) -> Granted {
        var order = TokenIssuer.Order(
            clientID: request.client.id,
            scope: request.scope,
            audience: request.form.values("audience") + request.form.values("resource"),
            lifetime: request.lifetime ?? state.lifetime,
            mayRepeat: request.mayRepeat
        )
        switch request.grant {
        case .clientCredentials:
            if order.scope.isEmpty { order.scope = request.client.scopes ?? [] }
            return Granted(token: state.issuer.issue(order, now: request.now))
        case .refreshToken:
            let refreshed = try state.issuer.refresh(
                RefreshTokens.Presented(
                    value: try field("refresh_token", of: request.form),
                    clientID: request.client.id,
                    request: request.number
                ),
                scope: request.scope,
                policy: state.rotation,
                now: request.now
            )
            order.scope = refreshed.scope
            order.family = refreshed.family
            order.subject = refreshed.subject
            return Granted(
                token: state.issuer.issue(order, now: request.now),
                refreshToken: refreshed.refreshToken
            )
        case .authorizationCode:
            let code = try field("code", of: request.form)
            let presented = AuthorizationCodes.Presented(
                value: code,
                clientID: request.client.id,
                redirectURI: request.form["redirect_uri"],
                verifier: request.form["code_verifier"]
            )
            switch try state.codes.redeem(presented, now: request.now) {
            case .login(let login):
                let granted = give(login, order, request, &state)
                state.codes.note([granted.token.value, granted.refreshToken].compactMap(\.self), from: code)
                return granted
            case .reused(let issued):
                for token in issued { state.issuer.revoke(token) }
                throw OAuthError("invalid_grant", "the code was used before", objection: .codeSpent)
            }
        case .deviceCode:
            let login = try state.devices.redeem(
                try field("device_code", of: request.form),
                clientID: request.client.id,
                now: request.now
            )
            return give(login, order, request, &state)
        case .jwtBearer:
            // Google's has the scope in the assertion itself.
            if order.scope.isEmpty, case .string(let scope) = request.bearer?.claims["scope"] {
                order.scope = scope.split(separator: " ").map(String.init)
            }
            if order.scope.isEmpty { order.scope = request.client.scopes ?? [] }
            order.subject = request.bearer?.subject
            return Granted(token: state.issuer.issue(order, now: request.now))
        }
    }

    private static func field(_ name: String, of form: Form) throws(OAuthError) -> String {
        guard let value = form[name] else { throw OAuthError("invalid_request", "\(name) is missing") }
        return value
    }

    /// The tokens of a login.
    private static func give(
        _ login: Login,
        _ asked: TokenIssuer.Order,
        _ request: Request,
        _ state: inout ServerState
    ) -> Granted {
        var order = asked
        order.scope = login.scope
        order.subject = login.subject
        if order.audience.isEmpty { order.audience = login.audience }
        let brings =
            switch state.logins.refreshTokens {
            case .always: true
            case .offline: login.isOffline
            case .never: false
            }
        var refreshToken: String?
        if brings, request.client.grants.contains(GrantType.refreshToken.rawValue) {
            let value = state.issuer.startFamily(
                clientID: login.clientID,
                scope: login.scope,
                subject: login.subject,
                now: request.now
            )
            order.family = state.issuer.refreshTokens.family(of: value)
            refreshToken = value
        }
        let givesIDToken =
            switch state.logins.idTokens {
            case .always: true
            case .openID: login.scope.contains("openid")
            case .never: false
            }
        return Granted(
            token: state.issuer.issue(order, now: request.now),
            refreshToken: refreshToken,
            login: givesIDToken ? login : nil
        )
    }

    /// The answer of RFC 6749 §5.1.
    private func document(_ granted: Granted, now: Duration) -> JSONValue {
        let remaining = granted.token.expiresAt - now
        var members: [String: JSONValue] = [
            "access_token": .string(granted.token.value), "token_type": "Bearer",
            "expires_in": .integer(Int(remaining.components.seconds)),
        ]
        if !granted.token.scope.isEmpty { members["scope"] = .string(granted.token.scope) }
        if let refreshToken = granted.refreshToken { members["refresh_token"] = .string(refreshToken) }
        if let login = granted.login {
            members["id_token"] = .string(signer.token(for: login, issuer: issuer, lifetime: remaining, now: now))
        }
        return .object(members)
    }
}
