/// A token request before it is put into bytes (RFC 6749 §4.4.2).
package struct TokenRequest: Sendable, Equatable {
    package var grant: Grant
    package var clientID: String
    package var authentication: ClientAuthentication
    package var target: TokenTarget

    /// What the operator adds beyond the protocol; never one of `protocolParameters`.
    package var parameters: [FormParameter]

    package init(
        grant: Grant,
        clientID: String,
        authentication: ClientAuthentication,
        target: TokenTarget = TokenTarget(),
        parameters: [FormParameter] = []
    ) {
        self.grant = grant
        self.clientID = clientID
        self.authentication = authentication
        self.target = target
        self.parameters = parameters
    }

    /// The names that `parameters` may not use, because the protocol gives them a meaning.
    package static let protocolParameters: Set<String> = [
        "grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type", "scope", "audience",
        "resource", "code", "redirect_uri", "code_verifier", "refresh_token", "device_code", "assertion", "username",
        "password",
    ]

    /// The request as it goes on the wire; the same request gives the same bytes.
    package func encoded() -> EncodedTokenRequest {
        EncodedTokenRequest(headers: [], body: Secret(""))
    }
}

/// One header field of a request, whose value is never shown.
package struct HTTPField: Sendable, Equatable {
    package var name: String
    package var value: Secret

    package init(name: String, value: Secret) {
        self.name = name
        self.value = value
    }
}

/// A token request in bytes: what to POST.
package struct EncodedTokenRequest: Sendable, Equatable {
    /// `Accept` and `Content-Type`, and `Authorization` for header authentication.
    package var headers: [HTTPField]

    /// The form.
    package var body: Secret

    package init(headers: [HTTPField], body: Secret) {
        self.headers = headers
        self.body = body
    }
}
