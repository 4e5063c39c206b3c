import LocalAPI
import MockAuthorizationServer
import OAuth2

@testable import Broker

extension BrokerRig {
    /// A client that a browser logs in.
    func browserClient(_ lines: String = "") -> String {
        client(
            "billing",
            """
            grant = "authorization_code"
            authorization_endpoint = "https://as.example/authorize"
            revocation_endpoint = "\(server.url(.revocation))"
            \(lines)
            """
        )
    }

    func beginLogin(_ query: String = "?port=8123") -> PendingAnswer {
        begin("/v1/clients/billing/login\(query)", method: .post, on: .admin)
    }

    /// What a login of `subject` is answered by the token endpoint, with a refresh token that the server knows.
    func grantAnswer(
        of subject: String? = "1",
        email: String = "ann@example.com",
        isRefreshable: Bool = true
    ) -> (behaviour: Behaviour, accessToken: String, refreshToken: String) {
        let refreshToken = server.issueRefreshToken(client: "billing-id", scope: "mail other")
        let accessToken = "at-of-\(subject ?? "nobody")-\(refreshToken.suffix(8))"
        var members = ["\"access_token\":\"\(accessToken)\"", "\"token_type\":\"Bearer\"", "\"expires_in\":3600"]
        if isRefreshable { members.append("\"refresh_token\":\"\(refreshToken)\"") }
        if let subject {
            let payload = "{\"aud\":\"billing-id\",\"sub\":\"\(subject)\",\"email\":\"\(email)\"}"
            let encoded = String(decoding: Base64URL.encode(Array(payload.utf8)), as: UTF8.self)
            members.append("\"id_token\":\"e30.\(encoded).c2ln\"")
        }
        return (.answer(status: 200, body: "{\(members.joined(separator: ","))}"), accessToken, refreshToken)
    }

    /// Brings the browser's answer to the login that `event` began.
    func redirect(_ event: LoginEvent, _ answer: String = "code=c", state: String? = nil) async throws -> Answer {
        let query = try event.query
        let redirect = "\(event.redirectUri ?? "")?\(answer)&state=\(state ?? query["state"] ?? "")"
        let document = LoginRedirectDocument(login: event.login ?? "", redirect: redirect)
        return try await begin(
            "/v1/clients/billing/login/redirect",
            method: .post,
            on: .admin,
            json: String(decoding: DocumentCoding.encode(document), as: UTF8.self)
        ).answer()
    }

    /// A whole login of `subject`: the last line, and what the token endpoint gave.
    @discardableResult
    func login(
        of subject: String?,
        email: String = "ann@example.com",
        _ query: String = "?port=8123"
    ) async throws -> (end: LoginEvent, accessToken: String, refreshToken: String) {
        let given = grantAnswer(of: subject, email: email)
        let stream = beginLogin(query)
        let event = try await stream.login()
        server.setBehaviour(given.behaviour, times: 1)
        _ = try await redirect(event)
        return (try await stream.lastLogin(), given.accessToken, given.refreshToken)
    }
}

extension PendingAnswer {
    /// The next event of a login; heartbeats are passed over.
    func login() async throws -> LoginEvent {
        while let line = try await line() {
            if line != "\n" { return try DocumentCoding.decode(LoginEvent.self, from: Array(line.utf8)) }
        }
        throw RigError.ended
    }

    /// The last event of a login that is under way.
    func lastLogin() async throws -> LoginEvent {
        while true {
            let event = try await login()
            if event.event == .done || event.event == .failed { return event }
        }
    }
}

extension LoginEvent {
    /// What stands in the address that the browser opens.
    var query: [String: String] {
        get throws {
            guard let uri = authorizationUri, let query = RedirectURI.query(of: uri),
                let parameters = FormEncoding.decode(query.utf8)
            else { throw RigError.ended }
            return Dictionary(parameters.map { ($0.name, $0.value) }) { first, _ in first }
        }
    }
}
