package import OAuth2

/// What an operator wants of a login.
package struct LoginWish: Sendable, Hashable {
    /// The port of 127.0.0.1 on which the operator's program waits for the browser; nil for a login without a redirect.
    package var port: UInt16?

    /// Whether the login may be another person's than the one before.
    package var isReplacingAccount: Bool

    package init(port: UInt16? = nil, isReplacingAccount: Bool = false) {
        self.port = port
        self.isReplacingAccount = isReplacingAccount
    }

    /// What comes before it in a path's query.
    package var parameters: [FormParameter] {
        var parameters: [FormParameter] = []
        if let port { parameters.append(FormParameter(name: "port", value: String(port))) }
        if isReplacingAccount { parameters.append(FormParameter(name: "replace_account", value: "true")) }
        return parameters
    }

    init(_ query: String) throws(APIError) {
        let parameters = try APIRequest.parameters(query, among: ["port", "replace_account"])
        isReplacingAccount = try APIRequest.isTrue("replace_account", in: parameters)
        guard let written = parameters["port"] else { return }
        guard let port = UInt16(written), port > 0 else {
            throw APIError(.invalidRequest, "the parameter port is no port", remedy: "Write port=NUMBER, 1 to 65535.")
        }
        self.port = port
    }
}

/// What the browser brought back from a login, as it came: it holds a code, and is read for operators alone.
package struct LoginRedirect: Sendable, Equatable {
    private let body: SecretBody

    init(_ input: APIRequest.Input) { body = SecretBody(input) }

    /// Which login it is for, and the URL, or its path and query, that the browser was sent to.
    package func read() throws(APIError) -> (login: String, redirect: Secret) {
        guard let document = try body.document(LoginRedirectDocument.self), !document.login.isEmpty,
            !document.redirect.isEmpty
        else {
            throw APIError(
                .invalidRequest,
                "the body is no JSON object with the texts login and redirect",
                remedy: "Send {\"login\":\"…\",\"redirect\":\"…\"} with the address that the browser was sent to."
            )
        }
        return (document.login, Secret(document.redirect))
    }
}

extension APIRequest {
    /// Reads what is below `/v1/clients/{client}/login`.
    static func loginRequest(
        _ rest: ArraySlice<String>,
        client: String,
        query: String,
        _ input: Input
    ) throws(APIError) -> APIRequest {
        guard rest.isEmpty else {
            guard Array(rest) == ["redirect"] else { throw notFound }
            try require(.post, input)
            try requireNoQuery(query)
            return .loginRedirect(client: client, LoginRedirect(input))
        }
        switch input.method {
        case .get:
            try requireNoQuery(query)
            return .loginPlan(client: client)
        case .post:
            return .login(client: client, try LoginWish(query))
        }
    }
}
