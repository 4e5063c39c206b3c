import Synchronization

/// Where a person logs in.
extension MockAuthorizationServer {
    /// The authorization endpoint (RFC 6749 §3.1): a person logs in at once, so that a scripted browser is one GET.
    func authorize(_ arrival: Arrival) throws(OAuthError) -> Outcome {
        guard arrival.request.method == "GET" else { return methodNotAllowed(allow: "GET") }
        let form = arrival.form ?? Form()
        if let field = form.repeatedField {
            throw OAuthError("invalid_request", "\(field) is there more than once (RFC 6749 §3.1)")
        }
        // Nobody is sent to where the client has not been registered for (RFC 6749 §4.1.2.1).
        guard let id = form["client_id"] else { throw OAuthError("invalid_request", "client_id is missing") }
        guard let client = registration(of: id) else { throw OAuthError("invalid_request", "unknown client") }
        guard let redirectURI = form["redirect_uri"] else {
            throw OAuthError("invalid_request", "redirect_uri is missing")
        }
        guard client.mayRedirect(to: redirectURI) else {
            throw OAuthError("invalid_request", "the client has not registered this redirect_uri")
        }
        let policy = state.withLock { $0.logins }
        var redirect = RedirectAnswer(uri: redirectURI, state: form["state"], issuer: issuer, fault: policy.fault)
        do throws(OAuthError) {
            guard form["response_type"] == "code" else {
                throw OAuthError("unsupported_response_type", "only code")
            }
            guard client.grants.contains(GrantType.authorizationCode.rawValue) else {
                throw OAuthError("unauthorized_client", "the client may not use authorization_code")
            }
            guard form["code_challenge_method"] == "S256", let challenge = form["code_challenge"] else {
                throw OAuthError("invalid_request", "code_challenge with S256 is required (RFC 7636)")
            }
            let scope = try granted(form, for: client)
            guard !policy.declines else { throw OAuthError("access_denied", "the person declined") }
            let login = Login(clientID: client.id, subject: policy.subject, scope: scope, form: form)
            let binding = AuthorizationCodes.Binding(redirectURI: redirectURI, challenge: challenge)
            let now = self.now()
            redirect.code = state.withLock { $0.codes.issue(login, binding, now: now) }
            return Outcome(redirect.response, word: "code")
        } catch {
            redirect.error = error
            return Outcome(redirect.response, word: error.error)
        }
    }

    /// The device authorization endpoint (RFC 8628 §3.1).
    func authorizeDevice(_ arrival: Arrival) throws(OAuthError) -> Outcome {
        guard arrival.request.method == "POST" else { return methodNotAllowed(allow: "POST") }
        let form = try readableForm(arrival)
        let client = try verifiedClient(of: arrival)
        guard client.grants.contains(GrantType.deviceCode.rawValue) else {
            throw OAuthError("unauthorized_client", "the client may not use device_code")
        }
        let scope = try granted(form, for: client)
        let now = self.now()
        let (codes, policy) = state.withLock { state in
            let login = Login(clientID: client.id, subject: state.logins.subject, scope: scope, form: form)
            return (state.devices.issue(login, policy: state.logins, now: now), state.logins)
        }
        let page = url(.verification)
        return Outcome(
            .json([
                "device_code": .string(codes.device), "user_code": .string(codes.user),
                "verification_uri": .string(page),
                "verification_uri_complete": .string("\(page)?user_code=\(codes.user)"),
                "expires_in": .integer(Int(policy.deviceLifetime.components.seconds)),
                "interval": .integer(policy.deviceInterval.inWholeSecondsUp),
            ]),
            word: "device_code"
        )
    }

    /// The page of a device's code: whoever opens it with the code in the query approves, or declines as scripted.
    func verifyDevice(_ arrival: Arrival) throws(OAuthError) -> Outcome {
        guard arrival.request.method == "GET" else { return methodNotAllowed(allow: "GET") }
        guard let userCode = arrival.form?["user_code"] else {
            return Outcome(.text("open this page with ?user_code=CODE\n", status: 400), word: "invalid_request")
        }
        let verdict = state.withLock { $0.logins.declines } ? DeviceVerdict.deny : .approve
        guard decideDevice(verdict, userCode: userCode) else {
            return Outcome(.text("no such code is pending\n", status: 404), word: "not_found")
        }
        return Outcome(.text(verdict == .approve ? "the device is logged in\n" : "declined\n"), word: verdict.rawValue)
    }

    /// The scope of a login: all of the client's when none is asked for.
    private func granted(_ form: Form, for client: RegisteredClient) throws(OAuthError) -> [String] {
        let asked = try scope(of: form, for: client)
        return asked.isEmpty ? client.scopes ?? [] : asked
    }
}

/// A redirect of a browser back to the client (RFC 6749 §4.1.2, RFC 9207 §2).
private struct RedirectAnswer {
    let uri: String
    let state: String?
    let issuer: String
    let fault: RedirectFault?
    var code: String?
    var error: OAuthError?

    var response: HTTPResponse {
        var fields: [(String, String)] = []
        if let error {
            fields += [("error", error.error), ("error_description", error.description)]
        } else if fault == .wrongCode {
            fields.append(("code", RandomToken.make("code")))
        } else if let code, fault != .missingCode {
            fields.append(("code", code))
        }
        if let state, fault != .missingState {
            fields.append(("state", fault == .wrongState ? RandomToken.make("state") : state))
        }
        if fault != .missingIssuer {
            fields.append(("iss", fault == .wrongIssuer ? "https://another.example.com" : issuer))
        }
        let query = fields.map { "\($0)=\(Form.encode($1))" }.joined(separator: "&")
        let location = uri + (uri.contains("?") ? "&" : "?") + query
        return HTTPResponse(status: 302, headers: [("Location", location), ("Cache-Control", "no-store")])
    }
}
